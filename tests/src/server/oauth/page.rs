//! The pages that the person who signs in sees: plain HTML, without scripts and without anything from elsewhere.

use std::fmt;

use super::scopes::Scopes;
use crate::dataset::{COMPANY, User};

/// What the page asks about.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) application: &'a str,
    pub(super) scopes: &'a Scopes,
    /// Goes with the answer, so that it belongs to this question.
    pub(super) ticket: &'a str,
}

/// A text as HTML shows it, in attributes, too.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                other => write!(out, "{other}")?,
            }
        }
        Ok(())
    }
}

/// Asks whether the application may have what it wants; `users` are those who can sign in, with their positions.
pub(super) fn question<'a>(question: &Question<'_>, users: impl Iterator<Item = (usize, &'a User)>) -> String {
    let application = Escaped(question.application);
    let scopes: String = question.scopes.words().map(|words| format!("<li>{}</li>", Escaped(words))).collect();
    let option = |(position, user): (usize, &User)| {
        format!("<option value=\"{position}\">{} ({})</option>", Escaped(&user.name), Escaped(&user.email))
    };
    let users: String = users.map(option).collect();
    let body = format!(
        "<h1>Let <em>{application}</em> use your Pipedrive data?</h1>\n\
         <p>It will be able to:</p>\n<ul id=\"scopes\">{scopes}</ul>\n\
         <form method=\"post\" action=\"/oauth/authorize\">\n\
         <input type=\"hidden\" name=\"ticket\" value=\"{}\">\n\
         <label for=\"user\">Signed in as</label>\n<select id=\"user\" name=\"user\">{users}</select>\n\
         <p class=\"buttons\">\n\
         <button id=\"allow\" type=\"submit\" name=\"decision\" value=\"allow\">Allow</button>\n\
         <button id=\"deny\" type=\"submit\" name=\"decision\" value=\"deny\">Deny</button>\n</p>\n</form>",
        Escaped(question.ticket)
    );
    page(&format!("Allow {application}?"), &body)
}

/// Says what is wrong with the address that led here.
pub(super) fn error(problem: &str) -> String {
    let body = format!("<h1>This application cannot sign you in</h1>\n<p id=\"problem\">{}</p>", Escaped(problem));
    page("Sign-in refused", &body)
}

/// `title` and `body` are HTML.
fn page(title: &str, body: &str) -> String {
    let company = Escaped(COMPANY.name);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - {company}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"company\">{company}</p>\n{body}\n\
         <p class=\"note\">This is a sandbox: a made-up company on this computer.</p>\n</main>\n</body>\n</html>\n"
    )
}

const STYLE: &str = "body{margin:0;background:#f3f4f6;color:#1f2430;font:16px/1.5 system-ui,sans-serif}\
main{max-width:30rem;margin:8vh auto;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 2px 16px #0002}\
h1{font-size:1.4rem;line-height:1.3}.company{margin:0;color:#5b6270;font-weight:600}\
select{display:block;width:100%;margin-top:.3rem;padding:.5rem;font:inherit}\
.buttons{display:flex;gap:.8rem;margin:1.6rem 0 0}\
button{flex:1;padding:.7rem;border:1px solid #b9bfca;border-radius:8px;background:#fff;font:inherit;cursor:pointer}\
#allow{border-color:#16794c;background:#16794c;color:#fff}.note{margin:1.6rem 0 0;color:#5b6270;font-size:.85rem}";

#[cfg(test)]
mod tests {
    use super::{Question, error, question};
    use crate::server::oauth::scopes::Scopes;

    #[test]
    fn nothing_that_was_given_becomes_markup() {
        let hostile = "<script>alert('\"&')</script>";
        let scopes = Scopes::new(&[hostile]);
        let asked = question(&Question { application: hostile, scopes: &scopes, ticket: hostile }, std::iter::empty());
        for page in [asked, error(hostile)] {
            assert!(!page.contains("<script"), "{page}");
            assert!(page.contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"), "{page}");
        }
    }
}

//! The form of the sandbox's page: where it goes, what it carries, what can be chosen.

use url::form_urlencoded;

/// A form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    /// Names and values that go with any answer.
    hidden: Vec<(String, String)>,
    /// The users that can be chosen, the first one by default.
    users: Vec<String>,
    /// Id, name and value of the buttons.
    buttons: Vec<[String; 3]>,
}

impl Form {
    /// The first form of a page.
    pub(super) fn read(html: &str) -> Option<Self> {
        let start = html.find("<form ")?;
        let form = html[start..].split("</form>").next()?;
        let named = |tag: &str| (attribute(tag, "name"), attribute(tag, "value"));
        Some(Self {
            action: attribute(tags(form, "form").next()?, "action")?,
            hidden: tags(form, "input").filter_map(|tag| Some((named(tag).0?, named(tag).1?))).collect(),
            users: tags(form, "option").filter_map(|tag| attribute(tag, "value")).collect(),
            buttons: tags(form, "button")
                .filter_map(|tag| Some([attribute(tag, "id")?, named(tag).0?, named(tag).1?]))
                .collect(),
        })
    }

    /// What is sent when this user, or the first one, presses the button with this id.
    ///
    /// # Errors
    /// What the form does not have.
    pub(super) fn filled(&self, user: Option<usize>, button: &str) -> Result<String, &'static str> {
        let [_, name, value] = self.buttons.iter().find(|[id, ..]| id == button).ok_or("button for this answer")?;
        let user = match user {
            Some(position) => self.users.iter().find(|user| **user == position.to_string()),
            None => self.users.first(),
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&self.hidden).append_pair("user", user.ok_or("user at this position who can sign in")?);
        Ok(form.append_pair(name, value).finish())
    }
}

/// The attributes of each start tag with this name, as text.
fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("<{name} ");
    let starts: Vec<usize> = html.match_indices(&start).map(|(at, _)| at + start.len()).collect();
    starts.into_iter().filter_map(|at| html[at..].split('>').next())
}

/// The value of an attribute; `<` and `>` do not stand in values of the sandbox's pages.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = format!(" {tag}").split_once(&format!(" {name}=\"")).map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    rest.split('"').next().map(plain)
}

/// HTML's escapes undone.
fn plain(text: &str) -> String {
    let escapes = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    escapes.iter().fold(text.to_owned(), |text, (escape, character)| text.replace(escape, character))
}

#[cfg(test)]
mod tests {
    use super::Form;

    const PAGE: &str = r#"<p>Before</p><form method="post" action="/there?x=1&amp;y=2">
        <input type="hidden" name="ticket" value="a&amp;&quot;b">
        <select name="user"><option value="0">A</option><option value="3">B</option></select>
        <button id="allow" name="decision" value="yes">Allow</button>
        <button id="deny" name="decision" value="no">Deny</button></form>"#;

    #[test]
    fn a_form_is_filled_in() {
        let form = Form::read(PAGE).unwrap();
        assert_eq!(form.action, "/there?x=1&y=2");
        assert_eq!(form.filled(None, "allow").unwrap(), "ticket=a%26%22b&user=0&decision=yes");
        assert_eq!(form.filled(Some(3), "deny").unwrap(), "ticket=a%26%22b&user=3&decision=no");
    }

    #[test]
    fn what_is_not_there_cannot_be_chosen() {
        let form = Form::read(PAGE).unwrap();
        assert!(form.filled(Some(1), "allow").is_err() && form.filled(None, "later").is_err());
        assert_eq!(Form::read("<p>nothing</p>"), None);
    }
}

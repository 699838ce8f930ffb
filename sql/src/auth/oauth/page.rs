//! What the browser shows when it comes back: one small page without scripts, images or links to elsewhere.

/// The answer to a browser, whole.
pub(super) fn answer(status: &str, title: &str, text: &str) -> String {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><style>body{{font:16px/1.5 \
         system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#222}}h1{{font-size:1.4rem}}</style>\
         <h1>{}</h1><p>{}</p></html>",
        escaped(title),
        escaped(text)
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: \
         no-store\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: \
         no-referrer\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Text between tags: some of it is the server's.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, letter| {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            letter => html.push(letter),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_told_and_nothing_of_the_text_is_markup() {
        let answer = answer("400 Bad Request", "No", "<script>alert(\"é\")</script>");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{head}");
        assert!(!body.contains("<script>") && body.contains("&lt;script&gt;"), "{body}");
    }
}

//! Words of the command lines that are suggested: each is one word to the shell that it is pasted into.

/// The text as the shells of this platform take it for one word, whatever stands in it.
pub(crate) fn word(text: &str) -> String {
    let plain =
        |letter: char| letter.is_alphanumeric() || "._-/:@+,".contains(letter) || (cfg!(windows) && letter == '\\');
    match text.chars().all(plain) && !text.is_empty() {
        true => text.to_owned(),
        false if cfg!(windows) => format!("\"{text}\""),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The text with its commands to sign in made those of a data source. The library, whose advice it often is, writes them
/// without.
pub(crate) fn for_data_source(text: &str, name: &str) -> String {
    let commands = ["pipedrive-odbc login", "pipedrive-odbc login --oauth"];
    commands.iter().fold(text.to_owned(), |text, command| {
        text.replace(&format!("`{command}`"), &format!("`{command} --dsn {}`", word(name)))
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_text_is_one_word_to_a_shell() {
        for (text, expected) in [
            ("Sales_2", "Sales_2"),
            ("Größe", "Größe"),
            ("/etc/odbc.ini", "/etc/odbc.ini"),
            ("My CRM", "'My CRM'"),
            ("a'b", r"'a'\''b'"),
            ("", "''"),
        ] {
            assert_eq!(word(text), expected);
        }
        for text in ["It's", "$HOME", "a;b", "`id`", "~", "*", "a\\b", "!x", "a\"b'c", "-n"] {
            let printed = Command::new("sh").args(["-c", &format!("printf '%s.' {}", word(text))]).output().unwrap();
            assert_eq!(String::from_utf8(printed.stdout).unwrap(), format!("{text}."));
        }
    }

    #[test]
    fn commands_to_sign_in_are_made_those_of_the_data_source_once() {
        let text = "sign in: `pipedrive-odbc login` or `pipedrive-odbc login --oauth`, not `pipedrive-odbc logout`";
        let told = for_data_source(text, "My CRM");
        let expected = "sign in: `pipedrive-odbc login --dsn 'My CRM'` or `pipedrive-odbc login --oauth --dsn 'My CRM'`, \
                        not `pipedrive-odbc logout`";
        assert_eq!(told, expected);
        assert_eq!(for_data_source(&told, "My CRM"), told);
    }
}

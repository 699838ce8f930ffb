//! Whatever a connection string says: it resolves or is refused, the first mention counts, and no secret shows.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Stands in secrets only, so that whatever shows it shows a secret.
const MARK: &str = "s3cr3t";

/// Names and aliases of every property, in odd cases and with blanks, and words that are none.
fn keyword() -> impl Strategy<Value = String> {
    let known = PROPERTIES.iter().flat_map(|one| std::iter::once(one.name()).chain(one.alias_names().iter().copied()));
    let known = proptest::sample::select(known.collect::<Vec<_>>());
    prop_oneof![
        8 => known.clone().prop_map(str::to_owned),
        1 => known.clone().prop_map(str::to_uppercase),
        1 => known.prop_map(|name| format!(" {} ", name.to_lowercase())),
        1 => r"[^\x00=;]{0,12}",
    ]
}

/// Values that some property takes, nearly takes, or that a slip leaves.
fn value() -> impl Strategy<Value = String> {
    const TELLING: &[&str] = &[
        "",
        " ",
        "on",
        "OFF",
        "0",
        "1",
        "7",
        "60",
        "500",
        "501",
        "-1",
        "18446744073709551616",
        "10%",
        "100%",
        "10 MB",
        "9999999GB",
        "UTC",
        "account",
        "Europe/Berlin",
        "Europe/Berlim",
        "memory",
        "memory://a",
        "keyring://a",
        "/tmp/x",
        "x/y",
        "deals*,persons",
        "*",
        ",",
        "sys",
        "label",
        "id",
        "key",
        "acme",
        "acme.pipedrive.com",
        "https://acme.pipedrive.com",
        "http://127.0.0.1:1",
        "http://localhost:33333",
        "https://crm.example.com/x?y=z#w",
        "http://me:pw@proxy.example.com:80",
        "//",
        "http://[::1",
        "OAuth",
        "Basic",
        "GETANDREFRESH",
        "REFRESH",
        "OFF",
        "-----BEGIN CERTIFICATE-----",
        "pipedrive",
        "crm",
        "{",
        "}",
        "a}}b",
        "FILEDSN",
        "é😀",
    ];
    prop_oneof![
        3 => proptest::sample::select(TELLING).prop_map(str::to_owned),
        1 => "[0-9a-f]{40}|[0-9a-f]{64}",
        1 => r"[^\x00]{0,30}",
    ]
}

/// A pair; a value that must not show has the mark in it.
fn pair() -> impl Strategy<Value = (String, String)> {
    (keyword(), value(), any::<proptest::sample::Index>(), any::<bool>()).prop_map(|(keyword, value, place, end)| {
        let place = if end { value.len() } else { value.floor_char_boundary(place.index(value.len() + 1)) };
        let marked = format!("{}{MARK}{}", &value[..place], &value[place..]);
        let hides = property(keyword.trim()).is_none_or(|property| property.hides(marked.trim()));
        (keyword, if hides { marked } else { value })
    })
}

fn resolved_text(string: &str) -> Result<(Settings, Vec<Warning>)> {
    let mut sources = sources_of_string(parse_connection_string(string)?);
    sources.push((Source::Dsn, Vec::new()));
    Settings::resolve_in(&sources, &Environment::of(&[("HOME", "/home/a"), ("LOCALAPPDATA", r"C:\a")]))
}

/// Everything that a person could be shown of the outcome.
fn shown(outcome: &Result<(Settings, Vec<Warning>)>) -> String {
    let in_force = |settings: &Settings| {
        let all = settings.in_force().iter().map(|one| format!("{:?} {:?}", one.value, one.value_in(settings)));
        all.collect::<Vec<_>>().join("\n")
    };
    match outcome {
        Ok((settings, warnings)) => format!("{settings:?}\n{warnings:?}\n{}", in_force(settings)),
        Err(error) => format!("{:?} {error} {error:?} {:?}", error.kind(), error.cure()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_pairs_resolve_or_are_refused_without_showing_a_secret(pairs in vec(pair(), 0..8)) {
        let outcome = Settings::resolve_in(&sources_of_string(pairs.clone()), &Environment::default());
        prop_assert!(!shown(&outcome).contains(MARK), "{}", shown(&outcome));
        let check = Settings::check(&pairs);
        prop_assert!(!format!("{check:?}").contains(MARK), "{check:?}");
        let log = LogSettings::resolve(&[(Source::Dsn, pairs)]);
        prop_assert!(log.is_ok() || !format!("{log:?}").contains(MARK), "{log:?}");
    }

    /// A token alone is told of neither by what goes wrong beside it, nor by what is wrong with its own quotes.
    #[test]
    fn any_text_resolves_or_is_refused(text in r"(\PC|[;={}\x00]|PWD=|BaseURL=|Timeout=|DSN=|;){0,20}", token in r"[^;={}\x00]{0,10}") {
        let _ = resolved_text(&text);
        for string in [format!("PWD={{{MARK}{token};{text}"), format!("{text};PWD={{{token}{MARK}}}"), format!("PWD={MARK}{token};{text}")] {
            // A slip in the braces can make a keyword of the token, which a warning would name.
            let named = |pairs: &Vec<(String, String)>| pairs.iter().any(|(keyword, value)| {
                keyword.contains(MARK) || value.contains(MARK) && property(keyword.trim()).is_some_and(|one| !one.hides(value))
            });
            if parse_connection_string(&string).is_ok_and(|pairs| named(&pairs)) {
                continue;
            }
            let outcome = resolved_text(&string);
            prop_assert!(!shown(&outcome).contains(MARK), "{string}: {}", shown(&outcome));
        }
    }

    /// What is written is the same settings again.
    #[test]
    fn a_written_string_resolves_to_the_same(pairs in vec(pair(), 0..8)) {
        let written = write_connection_string(&pairs);
        if let Ok(read) = parse_connection_string(&written) {
            let direct = Settings::resolve_in(&sources_of_string(pairs), &Environment::default());
            let again = Settings::resolve_in(&sources_of_string(read), &Environment::default());
            prop_assert!(shown(&direct) == shown(&again), "{}", written);
        }
    }

    /// A later mention of a property changes nothing, whichever of its names it uses and whatever it says.
    #[test]
    fn the_first_mention_counts(pairs in vec(pair(), 1..8), place: proptest::sample::Index, later in value(), alias: proptest::sample::Index) {
        let (keyword, value) = pairs[place.index(pairs.len())].clone();
        prop_assume!(!value.trim().is_empty());
        let Some(known) = property(keyword.trim()).filter(|one| one.is_used()) else { return Ok(()) };
        let names: Vec<_> = std::iter::once(known.name()).chain(known.alias_names().iter().copied()).collect();
        let repeated = (names[alias.index(names.len())].to_owned(), later);
        let more: Vec<_> = pairs.iter().cloned().chain([repeated]).collect();
        // A file that FILEDSN names is nowhere to be told from the rest; then all of it counts as the file's.
        prop_assume!(!more.iter().any(|(_, value)| value.contains("FILEDSN")));
        // What a log hides are all secrets, in force or not.
        let bare = |pairs| {
            let outcome = Settings::resolve_in(&sources_of_string(pairs), &Environment::default());
            shown(&outcome.map(|(settings, warnings)| (Settings { log: None, ..settings }, warnings)))
        };
        prop_assert!(bare(pairs) == bare(more.clone()), "{:?}", more);
    }

    /// A source counts before those behind it, property by property.
    #[test]
    fn an_earlier_source_counts(first in vec(pair(), 0..4), second in vec(pair(), 0..4)) {
        let (values, _) = values::Values::choose(&[(Source::Dsn, first.clone()), (Source::Environment, second.clone())]);
        for known in PROPERTIES {
            let mention = |pairs: &[(String, String)]| {
                let is = |(keyword, value): &&(String, String)| {
                    property(keyword.trim()).is_some_and(|one| one.name() == known.name()) && !value.trim().is_empty()
                };
                pairs.iter().find(is).map(|(_, value)| value.trim().to_owned())
            };
            let expected = mention(&first).or_else(|| mention(&second));
            prop_assert_eq!(values.given(known.name()).map(|given| given.value.clone()), expected);
        }
    }
}

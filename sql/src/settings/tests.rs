//! Resolving properties from their sources, without the environment of the process.

use super::*;
use crate::zone::Zone;

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn resolved(
    string: &[(&str, &str)],
    dsn: &[(&str, &str)],
    environment: &[(&str, &str)],
) -> Result<(Settings, Vec<Warning>)> {
    let sources = [(Source::ConnectionString, owned(string)), (Source::Dsn, owned(dsn))];
    let home = if cfg!(windows) { ("LOCALAPPDATA", r"C:\a") } else { ("HOME", "/home/a") };
    Settings::resolve_in(&sources, &Environment::of(&[environment, &[home]].concat()))
}

/// The settings of a connection string with a token and a company, and `more`.
fn with(more: &[(&str, &str)]) -> Result<Settings> {
    let own = [("APIToken", TOKEN), ("CompanyDomain", "acme")];
    resolved(&[more, &own].concat(), &[], &[]).map(|(settings, _)| settings)
}

#[test]
fn two_properties_suffice_and_the_rest_has_defaults() {
    let settings = with(&[]).unwrap();
    assert_eq!(settings.base_url(), "https://acme.pipedrive.com");
    assert_eq!(settings.token().expose(), TOKEN);
    assert_eq!(settings.company_domain(), Some("acme"));
    assert_eq!(settings.timeout(), Some(Duration::from_secs(60)));
    assert_eq!(settings.login_timeout(), Some(Duration::from_secs(30)));
    assert_eq!(settings.metadata_max_age(), 3600);
    assert_eq!(settings.custom_field_names(), NameStyle::Label);
    assert_eq!(settings.time_zone(), TimeZone::Named(Zone::UTC));
    assert_eq!(settings.page_size(), 500);
    assert!(settings.pushdown());
    assert!(!settings.include_archived());
    assert_eq!(settings.max_tokens(), None);
    assert!(settings.state_location().unwrap().ends_with("pipedrive-odbc"));
}

#[test]
fn every_property_is_read_without_case_and_under_its_aliases() {
    let settings = with(&[
        ("authscheme", "basic"),
        ("querytimeout", "0"),
        ("LOGINTIMEOUT", "5"),
        ("metadatamaxage", "0"),
        ("StateLocation", "Memory"),
        ("customfieldnames", "SLUG"),
        ("timezone", "europe/berlin"),
        ("pagesize", "1"),
        ("pushdown", "Off"),
        ("includearchived", "yes"),
        ("maxtokens", "100"),
        ("UID", "anyone"),
    ])
    .unwrap();
    assert_eq!(settings.timeout(), None);
    assert_eq!(settings.login_timeout(), Some(Duration::from_secs(5)));
    assert_eq!(settings.metadata_max_age(), 0);
    assert_eq!(settings.state_location(), None);
    assert_eq!(settings.custom_field_names(), NameStyle::Slug);
    assert_eq!(settings.time_zone(), TimeZone::Named(Zone::named("Europe/Berlin").unwrap()));
    assert_eq!(settings.page_size(), 1);
    assert!(!settings.pushdown());
    assert!(settings.include_archived());
    assert_eq!(settings.max_tokens(), Some(100));
    for name in ["Token", "pwd", "Password", "APITOKEN"] {
        let (settings, warnings) = resolved(&[(name, TOKEN), ("server", "acme")], &[], &[]).unwrap();
        assert_eq!((settings.token().expose(), warnings.len()), (TOKEN, 0), "{name}");
    }
}

#[test]
fn a_time_zone_that_is_none_is_refused_with_the_name_that_was_meant() {
    assert_eq!(with(&[("TimeZone", "ACCOUNT")]).unwrap().time_zone(), TimeZone::Account);
    let cases = [
        ("Berlin", "did you mean Europe/Berlin?"),
        ("America/New York", "did you mean America/New_York?"),
        ("CEST", "an IANA name"),
        ("+02:00", "such as Europe/Berlin"),
    ];
    for (value, part) in cases {
        let error = with(&[("TimeZone", value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Property, "{value}");
        assert!(error.message().starts_with(&format!("TimeZone={value} cannot be used")), "{error}");
        assert!(error.message().contains(part), "{value}: {error}");
    }
}

#[test]
fn every_default_is_a_value_that_the_property_takes() {
    for property in PROPERTIES {
        if let Some(default) = property.default_text() {
            with(&[(property.name(), default)]).unwrap();
        }
    }
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_what_is_allowed() {
    let cases = [
        ("PageSize", "501", "1 to 500"),
        ("PageSize", "0", "1 to 500"),
        ("PageSize", "many", "1 to 500"),
        ("Timeout", "-1", "seconds"),
        ("Timeout", "1.5", "seconds"),
        ("LoginTimeout", "1000000001", "0 to 1000000000"),
        ("MetadataMaxAge", "99999999999999999999", "seconds"),
        ("MaxTokens", "0", "from 1"),
        ("Pushdown", "maybe", "on or off"),
        ("CustomFieldNames", "name", "label, slug, key"),
        ("StateLocation", "relative/folder", "absolute"),
        ("AuthScheme", "Kerberos", "Basic"),
        ("AuthScheme", "OAuth", "does not offer OAuth"),
    ];
    for (name, value, allowed) in cases {
        let error = with(&[(name, value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Property, "{name}={value}");
        for part in [name, value, allowed] {
            assert!(error.message().contains(part), "{name}={value}: {error}");
        }
    }
}

#[test]
fn a_token_that_cannot_be_a_header_is_refused_and_not_shown() {
    for token in ["SEC RET", "SEC\nRET", "SÉCRET"] {
        let error = resolved(&[("APIToken", token), ("CompanyDomain", "acme")], &[], &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Property);
        assert!(error.message().contains("APIToken") && !error.message().contains(token), "{error}");
    }
}

#[test]
fn the_earlier_source_wins_and_in_it_the_first_mention() {
    let (settings, _) = resolved(
        &[("PageSize", "10"), ("pagesize", "20"), ("Timeout", "")],
        &[("PageSize", "30"), ("Timeout", "7"), ("PWD", ""), ("Token", TOKEN)],
        &[("PIPEDRIVE_API_TOKEN", "other"), ("PIPEDRIVE_COMPANY_DOMAIN", "acme")],
    )
    .unwrap();
    assert_eq!(settings.page_size(), 10);
    assert_eq!(settings.timeout(), Some(Duration::from_secs(7)));
    assert_eq!(settings.token().expose(), TOKEN);
    assert_eq!(settings.company_domain(), Some("acme"));
}

#[test]
fn what_is_missing_is_named() {
    let error = |string: &[(&str, &str)]| resolved(string, &[], &[]).unwrap_err();
    let no_host = error(&[("APIToken", TOKEN)]);
    assert_eq!(no_host.kind(), ErrorKind::Property);
    assert!(no_host.message().contains("CompanyDomain") && !no_host.message().contains("APIToken"), "{no_host}");
    let nothing = error(&[("PWD", ""), ("Server", " ")]);
    assert_eq!(nothing.kind(), ErrorKind::Property);
    assert!(nothing.message().contains("CompanyDomain") && nothing.message().contains("APIToken"), "{nothing}");
    for host in [("BaseURL", "http://127.0.0.1:1"), ("CompanyDomain", "acme")] {
        let no_token = error(&[host]);
        assert_eq!(no_token.kind(), ErrorKind::SignIn);
        assert!(no_token.message().contains("APIToken"), "{no_token}");
    }
}

#[test]
fn a_workbook_cannot_carry_a_kept_token_away() {
    let evil = [("BaseURL", "https://evil.example.com")];
    let kept = [("APIToken", TOKEN), ("CompanyDomain", "acme")];
    let environment = [("PIPEDRIVE_API_TOKEN", TOKEN)];
    for outcome in [resolved(&evil, &kept, &[]), resolved(&evil, &[], &environment), resolved(&[], &evil, &environment)]
    {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains("BaseURL") && !error.message().contains(TOKEN), "{error}");
    }
    // Its own token may go wherever it likes, and a token typed in for a data source goes to that data source.
    resolved(&[("BaseURL", "https://evil.example.com"), ("APIToken", "its-own")], &kept, &[]).unwrap();
    resolved(&[("DSN", "crm"), ("PWD", TOKEN)], &[("BaseURL", "https://crm.example.com")], &[]).unwrap();
}

#[test]
fn the_host_of_the_environment_takes_no_token_of_another_source() {
    let environment = [("PIPEDRIVE_BASE_URL", "https://crm.example.com"), ("PIPEDRIVE_API_TOKEN", "its-own")];
    let (settings, _) = resolved(&[], &[], &environment).unwrap();
    assert_eq!((settings.base_url(), settings.token().expose()), ("https://crm.example.com", "its-own"));
    for outcome in [resolved(&[("PWD", TOKEN)], &[], &environment), resolved(&[], &[("PWD", TOKEN)], &environment)] {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::SignIn);
    }
    let (settings, _) = resolved(&[("PWD", TOKEN), ("CompanyDomain", "acme")], &[], &environment).unwrap();
    assert_eq!(settings.base_url(), "https://acme.pipedrive.com");
}

#[test]
fn a_keyword_that_is_not_known_warns_and_keeps_its_value_to_itself() {
    let string = [("APIToken", TOKEN), ("CompanyDomain", "acme"), ("Pasword", "SECRET"), ("Colour", "SECRET")];
    let (_, warnings) = resolved(&string, &[], &[]).unwrap();
    let texts: Vec<_> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert!(warnings.iter().all(|warning| warning.kind == WarningKind::UnknownProperty));
    assert_eq!(
        texts,
        [
            "'Pasword' is not a connection property and was ignored; did you mean APIToken?",
            "'Colour' is not a connection property and was ignored",
        ]
    );
}

#[test]
fn words_of_odbc_itself_are_no_reason_to_warn() {
    let string = [("DSN", "crm"), ("DRIVER", "Pipedrive"), ("UID", "a"), ("PWD", TOKEN), ("CompanyDomain", "acme")];
    let dsn = [
        ("Driver", "Pipedrive"),
        ("Trace", "No"),
        ("TraceFile", "/tmp/x"),
        ("Description", "The sales team's Pipedrive"),
    ];
    assert_eq!(resolved(&string, &dsn, &[]).unwrap().1, []);
}

#[test]
fn no_home_folder_means_memory_and_a_warning() {
    let sources = [(Source::Dsn, owned(&[("APIToken", TOKEN), ("CompanyDomain", "acme")]))];
    let (settings, warnings) = Settings::resolve_in(&sources, &Environment::of(&[])).unwrap();
    assert_eq!(settings.state_location(), None);
    assert!(warnings[0].message.contains("StateLocation"), "{warnings:?}");
}

#[test]
fn the_token_of_another_company_is_told_with_both_names() {
    let settings = with(&[]).unwrap();
    settings.check_company("Acme").unwrap();
    settings.check_company("").unwrap();
    let error = settings.check_company("globex").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    assert!(error.message().contains("acme") && error.message().contains("globex"), "{error}");
    // The company of the data source says nothing of the host that the string put in its place.
    let string = [("BaseURL", "http://127.0.0.1:1"), ("PWD", TOKEN)];
    let (settings, _) = resolved(&string, &[("CompanyDomain", "acme")], &[]).unwrap();
    settings.check_company("sandbox").unwrap();
}

#[test]
fn debug_output_has_no_token() {
    let settings = with(&[]).unwrap();
    assert!(!format!("{settings:?} {settings:#?}").contains(TOKEN));
}

#[test]
fn a_data_source_is_checked_without_host_and_token() {
    let check = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::check(&pairs)
    };
    check(&[]).unwrap();
    check(&[("PageSize", "100"), ("BaseURL", "http://127.0.0.1:1")]).unwrap();
    for (name, value) in [("PageSize", "0"), ("Pushdown", "maybe"), ("Company", "a.b"), ("BaseURL", "http://x.com")] {
        let error = check(&[("Timeout", "5"), (name, value)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Property, "{name}={value}");
    }
}

//! Resolving properties from their sources, without the environment of the process.

mod any;

use super::environment::Environment;
use super::*;
use crate::model::OptionValues;
use crate::zone::Zone;
use crate::{ErrorKind, Result, Warning, WarningKind};

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

/// The token that a source gives as it is.
fn token(settings: &Settings) -> &str {
    match settings.credential() {
        Credential::Value(secret, _) => secret.expose(),
        other => panic!("no token: {other:?}"),
    }
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
    assert_eq!(token(&settings), TOKEN);
    assert_eq!(settings.company_domain(), Some("acme"));
    assert_eq!(settings.timeout(), Some(Duration::from_secs(60)));
    assert_eq!(settings.login_timeout(), Some(Duration::from_secs(30)));
    assert_eq!(settings.metadata_max_age(), 3600);
    assert_eq!(settings.custom_field_names(), NameStyle::Label);
    assert_eq!(settings.schema(), "crm");
    assert_eq!(*settings.shape(), Shape::default());
    assert_eq!(*settings.selection(), Selection::default());
    assert_eq!(settings.max_rows(), 0);
    assert_eq!(settings.time_zone(), TimeZone::Named(Zone::UTC));
    assert_eq!(settings.page_size(), 500);
    assert!(settings.pushdown());
    assert!(!settings.include_archived());
    assert_eq!(settings.max_tokens(), None);
    assert!(settings.log().is_none());
    let log = with(&[("LogFile", "/tmp/log")]).unwrap().log().cloned().unwrap();
    assert_eq!((log.verbosity(), log.max_size()), (1, 10 << 20));
    assert_eq!(settings.reserve_tokens(), Reserve::Percent(10));
    assert_eq!(settings.max_concurrency(), 10);
    assert_eq!(settings.result_reuse(), Some(Duration::from_secs(60)));
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
        ("logfile", "/tmp/a log"),
        ("VERBOSITY", "4"),
        ("maxlogfilesize", "2 mb"),
        ("database", "PipeDrive"),
        ("schema", "META"),
        ("tables", "DEALS"),
        ("optionvalues", "ID"),
        ("addressparts", "no"),
        ("maxrows", "7"),
        ("reserve", "5000"),
        ("maxconnections", "50"),
        ("RESULTREUSE", "0"),
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
    let log = settings.log().unwrap();
    assert_eq!((log.file(), log.verbosity(), log.max_size()), (Path::new("/tmp/a log"), 4, 2 << 20));
    assert_eq!(settings.schema(), "meta");
    assert!(settings.selection().has("crm", "deals") && !settings.selection().has("crm", "persons"));
    let shape = settings.shape();
    assert_eq!((shape.names, shape.option_values), (NameStyle::Slug, OptionValues::Id));
    assert!(!shape.address_parts);
    assert_eq!(settings.max_rows(), 7);
    let aliases = with(&[
        ("Initial Catalog", "pipedrive"),
        ("DefaultSchema", "sys"),
        ("TableFilter", "users"),
        ("Options", "id"),
        ("RowLimit", "3"),
    ])
    .unwrap();
    assert_eq!((aliases.schema(), aliases.max_rows()), ("sys", 3));
    assert_eq!(aliases.shape().option_values, OptionValues::Id);
    assert!(!aliases.selection().has("crm", "deals"));
    assert_eq!(with(&[("Catalog", "PIPEDRIVE"), ("CurrentSchema", "sys")]).unwrap().schema(), "sys");
    assert_eq!(settings.reserve_tokens(), Reserve::Tokens(5000));
    assert_eq!(with(&[("reservetokens", "25%")]).unwrap().reserve_tokens(), Reserve::Percent(25));
    assert_eq!(settings.max_concurrency(), 50);
    assert_eq!(settings.result_reuse(), None);
    assert_eq!(with(&[("resultreuse", "5")]).unwrap().result_reuse(), Some(Duration::from_secs(5)));
    assert_eq!(with(&[("MAXCONCURRENCY", "1")]).unwrap().max_concurrency(), 1);
    for name in ["Token", "pwd", "Password", "APITOKEN"] {
        let (settings, warnings) = resolved(&[(name, TOKEN), ("server", "acme")], &[], &[]).unwrap();
        assert_eq!((token(&settings), warnings.len()), (TOKEN, 0), "{name}");
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
        ("Verbosity", "0", "1 to 5"),
        ("Verbosity", "6", "1 to 5"),
        ("Verbosity", "all", "1 to 5"),
        ("LogMaxSize", "1023", "from 1024"),
        ("LogMaxSize", "10TB", "10MB"),
        ("LogMaxSize", "99999999999GB", "10MB"),
        ("LogMaxSize", "-1MB", "10MB"),
        ("MaxRows", "-1", "from 0"),
        ("Database", "acme", "the only database, or catalog, is pipedrive"),
        ("Schema", "dbo", "crm, meta, sys"),
        ("Tables", "dealz", "did you mean deals?"),
        ("OptionValues", "both", "label, id"),
        ("AddressParts", "some", "on or off"),
        ("FieldMap", "names.json", "absolute path"),
        ("FieldMap", "/no/such/folder/names.json", "cannot be read"),
        ("ReserveTokens", "100%", "0% to 99%"),
        ("ReserveTokens", "a tenth", "whole number of tokens"),
        ("MaxConcurrency", "0", "1 to 50"),
        ("MaxConcurrency", "51", "1 to 50"),
        ("ResultReuse", "soon", "seconds"),
        ("Pushdown", "maybe", "on or off"),
        ("CustomFieldNames", "name", "label, slug, key"),
        ("StateLocation", "relative/folder", "absolute"),
        ("TokenFile", "relative/token", "absolute path of a file"),
        ("AuthScheme", "Kerberos", "Basic"),
    ];
    let of_oauth = [
        ("InitiateOAuth", "ON", "GETANDREFRESH"),
        ("CallbackURL", "localhost", "http://localhost:33333"),
        ("OAuthSettingsLocation", "settings.json", "keyring://name"),
        ("OAuthTokenTimestamp", "1767225600", "milliseconds since 1970"),
    ];
    let cases = cases.iter().map(|case| ("Basic", case)).chain(of_oauth.iter().map(|case| ("OAuth", case)));
    for (scheme, (name, value, allowed)) in cases {
        let scheme = ("AuthScheme", if *name == "AuthScheme" { value } else { scheme });
        // Of two mentions the first counts.
        let error = with(&[(name, value), scheme]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Property, "{name}={value}");
        for part in [name, value, allowed] {
            assert!(error.message().contains(part), "{name}={value}: {error}");
        }
    }
}

#[test]
fn a_field_map_is_read_and_entities_of_a_later_version_are_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = r#"{"format": 1, "entities": {"deals": {"k": "Source"}, "invoices": {"k": "Paid"}}}"#;
    std::fs::write(file.path(), text).unwrap();
    let own = [("APIToken", TOKEN), ("CompanyDomain", "acme"), ("fieldmapfile", file.path().to_str().unwrap())];
    let (settings, warnings) = resolved(&own, &[], &[]).unwrap();
    assert_eq!(settings.shape().map.pins("deals").len(), 1);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.contains("'invoices'"), "{warnings:?}");
    std::fs::write(file.path(), r#"{"format": 1, "entities": {"deals": {"k": "Source", "l": "source"}}}"#).unwrap();
    let error = resolved(&own, &[], &[]).unwrap_err();
    assert!(error.message().starts_with("FieldMap=") && error.message().contains("k and l"), "{error}");
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
    assert_eq!(token(&settings), TOKEN);
    assert_eq!(settings.company_domain(), Some("acme"));
}

#[test]
fn settings_without_a_token_or_a_host_can_be_shown() {
    for string in [&[][..], &[("PWD", ""), ("Server", " ")], &[("DSN", "crm")]] {
        let (settings, _) = resolved(string, &[], &[]).unwrap();
        assert_eq!(settings.credential(), &Credential::Keyring);
        assert_eq!((settings.base_url(), settings.company_domain()), ("https://api.pipedrive.com", None));
    }
    let (settings, _) = resolved(&[("CompanyDomain", "acme")], &[], &[]).unwrap();
    assert_eq!((settings.credential(), settings.base_url()), (&Credential::Keyring, "https://acme.pipedrive.com"));
}

#[test]
fn a_token_is_of_the_earliest_source_and_in_it_goes_before_its_file() {
    use Source::{ConnectionString, Dsn, Environment};
    let file = |path: &str, source| Credential::File(path.into(), source);
    let value = |token: &str, source| Credential::Value(Secret::new(token.to_owned()), source);
    let both = [("TokenFile", "/s/a"), ("APIToken", "a")];
    let dsn = [("APITokenFile", "/s/b"), ("PWD", "b")];
    let environment = [("PIPEDRIVE_TOKEN_FILE", "/s/c"), ("PIPEDRIVE_API_TOKEN", "c")];
    type Pairs<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(Pairs<'_>, Pairs<'_>, Pairs<'_>, Credential)] = &[
        (&both, &dsn, &environment, value("a", ConnectionString)),
        (&both[..1], &dsn, &environment, file("/s/a", ConnectionString)),
        (&[("PWD", ""), ("TokenFile", "")], &dsn, &environment, value("b", Dsn)),
        (&[], &dsn[..1], &environment, file("/s/b", Dsn)),
        (&[], &[], &environment, value("c", Environment)),
        (&[], &[], &environment[..1], file("/s/c", Environment)),
        (&[], &[], &[], Credential::Keyring),
    ];
    for (string, dsn, environment, expected) in cases {
        let string = [string, &[("CompanyDomain", "acme")][..]].concat();
        assert_eq!(resolved(&string, dsn, environment).unwrap().0.credential(), expected);
    }
    let error = resolved(&[("TokenFile", "secrets/token"), ("PWD", TOKEN)], &[], &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Property);
    assert!(error.message().contains("TokenFile=secrets/token") && error.message().contains("absolute"), "{error}");
}

#[test]
fn of_dsn_and_driver_the_first_names_the_sign_in() {
    for (string, expected) in [
        (&[("dsn", " crm "), ("DRIVER", "x")][..], Some("crm")),
        (&[("DRIVER", "x"), ("DSN", "crm")], None),
        (&[("PWD", "t"), ("Dsn", "crm")], Some("crm")),
        (&[("DSN", " ")], None),
        (&[], None),
    ] {
        assert_eq!(resolved(string, &[("DSN", "other")], &[]).unwrap().0.data_source(), expected, "{string:?}");
    }
}

#[test]
fn a_workbook_cannot_carry_a_kept_token_away() {
    let evil = [("BaseURL", "https://evil.example.com")];
    let kept = [("APIToken", TOKEN), ("CompanyDomain", "acme")];
    let environment = [("PIPEDRIVE_API_TOKEN", TOKEN)];
    let (file, named) = ([("TokenFile", "/s/a")], [("PIPEDRIVE_TOKEN_FILE", "/s/a")]);
    let own_file = [evil[0], file[0]];
    for outcome in [
        resolved(&evil, &kept, &[]),
        resolved(&evil, &[], &environment),
        resolved(&[], &evil, &environment),
        // A workbook can name a file that is not its own.
        resolved(&own_file, &[], &[]),
        resolved(&file, &evil, &[]),
        resolved(&evil, &file, &[]),
        resolved(&evil, &[], &named),
        resolved(&[], &evil, &named),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.message().contains("BaseURL") && !error.message().contains(TOKEN), "{error}");
    }
    // Its own token may go wherever it likes, and a token typed in for a data source goes to that data source.
    resolved(&[("BaseURL", "https://evil.example.com"), ("APIToken", "its-own")], &kept, &[]).unwrap();
    resolved(&[("DSN", "crm"), ("PWD", TOKEN)], &[("BaseURL", "https://crm.example.com")], &[]).unwrap();
    // So does a file that the data source names, and every file may serve at Pipedrive.
    resolved(&[], &own_file, &[]).unwrap();
    resolved(&[], &[], &[named[0], ("PIPEDRIVE_BASE_URL", "https://crm.example.com")]).unwrap();
    resolved(&[file[0], ("CompanyDomain", "acme")], &kept, &environment).unwrap();
}

#[test]
fn the_host_of_the_environment_takes_no_token_of_another_source() {
    let environment = [("PIPEDRIVE_BASE_URL", "https://crm.example.com"), ("PIPEDRIVE_API_TOKEN", "its-own")];
    let (settings, _) = resolved(&[], &[], &environment).unwrap();
    assert_eq!((settings.base_url(), token(&settings)), ("https://crm.example.com", "its-own"));
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
    let string = [&string[..], &[("Trusted_Connection", "Yes"), ("TrustedConnection", "no")]].concat();
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
fn a_size_is_bytes_or_has_a_unit() {
    for (text, expected) in [("1024", 1024), ("500000", 500_000), ("2KB", 2048), ("3 mb", 3 << 20), ("1Gb", 1 << 30)] {
        let settings = with(&[("LogFile", "/tmp/log"), ("LogMaxSize", text)]).unwrap();
        assert_eq!(settings.log().unwrap().max_size(), expected, "{text}");
    }
}

#[test]
fn a_log_knows_what_is_in_force_and_shows_no_secret() {
    let string =
        [("LogFile", "/tmp/log"), ("BaseURL", "https://me:pass@127.0.0.1/"), ("ApiTokne", "a-misspelt-secret")];
    let sources = [(Source::ConnectionString, owned(&string)), (Source::Dsn, owned(&[("PWD", TOKEN)]))];
    let log = LogSettings::resolve(&sources).unwrap().unwrap();
    let shown = log.in_force();
    for part in ["APIToken=***", "BaseURL=***", "LogFile=/tmp/log", "Verbosity=1", "Timeout=60"] {
        assert!(shown.split(' ').any(|pair| pair == part), "{part}: {shown}");
    }
    let hidden: Vec<_> = log.secrets().iter().map(Secret::expose).collect();
    assert!(hidden.contains(&TOKEN) && hidden.contains(&"a-misspelt-secret"));
    assert!(hidden.contains(&"https://me:pass@127.0.0.1/"));
    assert!(!format!("{log:?} {shown}").contains(TOKEN));
}

#[test]
fn a_log_is_found_where_other_properties_are_wrong_or_missing() {
    let log = |pairs| LogSettings::resolve(&[(Source::ConnectionString, owned(pairs))]);
    assert!(log(&[("LogFile", "/tmp/log"), ("PageSize", "0")]).unwrap().is_some());
    assert!(log(&[("Verbosity", "3")]).unwrap().is_none());
    assert_eq!(log(&[("LogFile", "/tmp/log"), ("Verbosity", "9")]).unwrap_err().kind(), ErrorKind::Property);
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

#[test]
fn signing_in_leaves_other_tokens_out_and_takes_no_host_of_a_connection_string() {
    let dsn = owned(&[("BaseURL", "https://crm.example.com"), ("pwd", TOKEN), ("TokenFile", "/x"), ("Timeout", "5")]);
    let resolve = |string: &[(&str, &str)]| {
        Settings::resolve_for_sign_in(&[(Source::ConnectionString, owned(string)), (Source::Dsn, dsn.clone())])
    };
    let (settings, _) = resolve(&[("DSN", "crm"), ("Token", TOKEN)]).unwrap();
    assert_eq!((settings.credential(), settings.data_source()), (&Credential::Keyring, Some("crm")));
    assert_eq!((settings.base_url(), settings.timeout()), ("https://crm.example.com", Some(Duration::from_secs(5))));
    for carried in [("BaseURL", "https://evil.example.com"), ("ProxyServer", "evil.example.com")] {
        assert_eq!(resolve(&[carried]).unwrap_err().kind(), ErrorKind::SignIn, "{carried:?}");
    }
    assert!(!Settings::resolve_for_sign_in(&[]).unwrap().0.names_host());
}

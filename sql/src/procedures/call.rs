//! From a call as it was written to a procedure, and a value or a marker for each of its parameters.

use super::table::{Input, PROCEDURES, Procedure, SCHEMA};
use crate::dialect::{Given, Invocation, closest};
use crate::model::CATALOG;
use crate::settings::{Secret, TELLING};
use crate::trace::Trace;
use crate::{ColumnDescription, Error, ErrorKind, Parameter, Result};

/// A call of a procedure that exists, with what is given to each of its parameters.
#[derive(Debug)]
pub(crate) struct Called {
    procedure: &'static Procedure,
    /// One for each parameter.
    given: Vec<Given>,
    markers: usize,
}

/// What a procedure is run with: a value for each of its parameters that has one.
pub(crate) struct Arguments {
    procedure: &'static Procedure,
    values: Vec<Option<String>>,
}

impl Arguments {
    /// The value of a parameter, or its default.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let index = self.procedure.inputs.iter().position(|input| input.name == name)?;
        self.values.get(index)?.as_deref().or(self.procedure.inputs.get(index)?.default)
    }
}

impl Called {
    /// Finds the procedure and gives each argument to its parameter.
    ///
    /// # Errors
    /// `Syntax` for an unknown procedure or parameter, a parameter that is given twice, an argument too many, one that
    /// is missing, and a literal that its parameter does not take.
    pub(crate) fn new(invocation: &Invocation) -> Result<Self> {
        let procedure = find(&invocation.name)?;
        let mut given: Vec<Option<Given>> = vec![None; procedure.inputs.len()];
        let mut named = false;
        for (place, argument) in invocation.arguments.iter().enumerate() {
            let index = match &argument.parameter {
                Some(name) => parameter(procedure, name)?,
                None if named => return Err(syntax("behind an argument with a name come only others with a name")),
                None => place,
            };
            named |= argument.parameter.is_some();
            let Some(slot) = given.get_mut(index) else { return Err(too_many(procedure, invocation.arguments.len())) };
            if slot.replace(argument.value.clone()).is_some() {
                return Err(syntax(&format!("{} is given twice", procedure.inputs[index].name)));
            }
        }
        let given = given.into_iter().map(|given| given.unwrap_or(Given::Nothing)).collect();
        let called = Self { procedure, given, markers: invocation.markers };
        for (input, given) in called.inputs() {
            match given {
                Given::Nothing => drop(accepted(procedure, input, None)?),
                Given::Text(text) => drop(accepted(procedure, input, Some(text))?),
                Given::Marker(_) => {}
            }
        }
        Ok(called)
    }

    /// The procedure.
    pub(super) const fn procedure(&self) -> &'static Procedure {
        self.procedure
    }

    fn inputs(&self) -> impl Iterator<Item = (&'static Input, &Given)> {
        self.procedure.inputs.iter().zip(&self.given)
    }

    /// The input that a marker gives a value to.
    fn input_of(&self, marker: usize) -> Option<&'static Input> {
        self.inputs().find(|(_, given)| **given == Given::Marker(marker)).map(|(input, _)| input)
    }

    /// The markers, as an application is told of them.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let inputs = (1..=self.markers).filter_map(|marker| self.input_of(marker));
        inputs.map(|input| Parameter { sql_type: input.sql_type, implied: true, compared: false }).collect()
    }

    /// The columns of the result.
    pub(crate) fn columns(&self) -> Vec<ColumnDescription> {
        let column = |output: &super::Output| ColumnDescription {
            name: output.name.to_owned(),
            sql_type: output.sql_type,
            nullable: output.nullable,
            base: None,
        };
        self.procedure.outputs.iter().map(column).collect()
    }

    /// The arguments, with a text or NULL for each marker.
    ///
    /// # Errors
    /// `Syntax` for a value that is missing or that its parameter does not take.
    pub(crate) fn with(&self, values: &[Option<String>]) -> Result<Arguments> {
        let value = |(input, given): (&Input, &Given)| {
            let text = match given {
                Given::Nothing => None,
                Given::Text(text) => Some(text.as_str()),
                Given::Marker(number) => values.get(number - 1).and_then(Option::as_deref),
            };
            accepted(self.procedure, input, text)
        };
        let values = self.inputs().map(value).collect::<Result<_>>()?;
        Ok(Arguments { procedure: self.procedure, values })
    }

    /// Hides what must not be in a log: literals, and with `arguments` values at markers.
    pub(crate) fn hide(&self, arguments: Option<&Arguments>, trace: &Trace) {
        let literal = |(input, given): (&'static Input, &'_ Given)| match given {
            Given::Text(text) if input.secret => Some(text.clone()),
            _ => None,
        };
        let bound = arguments.into_iter().flat_map(|arguments| self.procedure.inputs.iter().zip(&arguments.values));
        let bound = bound.filter(|(input, _)| input.secret).filter_map(|(_, value)| value.clone());
        let secrets = self.inputs().filter_map(literal).chain(bound);
        // A shorter one would tear holes into every line; `shown` does not show it either.
        for text in secrets.filter(|text| text.len() >= TELLING) {
            // As a literal would have it, too.
            trace.hide(&Secret::new(text.replace('\'', "''")));
            trace.hide(&Secret::new(text));
        }
    }

    /// The call for a log: which parameters are given, and with `values` the literals that are no secrets.
    pub(crate) fn shown(&self, values: bool) -> String {
        let argument = |(input, given): (&Input, &Given)| {
            let value = match given {
                Given::Nothing => return None,
                Given::Text(_) if input.secret => HIDDEN.to_owned(),
                Given::Text(text) if values => format!("'{}'", text.replace('\'', "''")),
                Given::Text(_) | Given::Marker(_) => "?".to_owned(),
            };
            Some(format!("{} = {value}", input.name))
        };
        let arguments: Vec<_> = self.inputs().filter_map(argument).collect();
        format!("EXEC {} {}", self.procedure.name, arguments.join(", ")).trim_end().to_owned()
    }

    /// The values at the markers for a log, secrets left out.
    pub(crate) fn shown_values(&self, values: &[Option<String>]) -> String {
        let shown = |(index, value): (usize, &Option<String>)| match (self.input_of(index + 1), value) {
            (Some(input), Some(_)) if input.secret => HIDDEN.to_owned(),
            (_, value) => format!("{value:?}"),
        };
        let shown: Vec<_> = values.iter().enumerate().map(shown).collect();
        format!("[{}]", shown.join(", "))
    }
}

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// What a parameter takes of this text; NULL and blank texts count as not given.
///
/// # Errors
/// `Syntax`, without the text: it may be a secret that stands in the wrong place.
fn accepted(procedure: &Procedure, input: &Input, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        if input.required {
            return Err(syntax(&format!("{} needs {}: {}", procedure.name, input.name, input.help)));
        }
        return Ok(None);
    };
    if input.choices.is_empty() {
        return Ok(Some(text.to_owned()));
    }
    match input.choices.iter().find(|choice| choice.eq_ignore_ascii_case(text.trim())) {
        Some(choice) => Ok(Some((*choice).to_owned())),
        None => Err(syntax(&format!("{} is {}", input.name, input.choices.join(" or ")))),
    }
}

fn find(parts: &[String]) -> Result<&'static Procedure> {
    let (name, qualifiers) = parts.split_last().map_or(("", [].as_slice()), |(name, before)| (name.as_str(), before));
    let of_name = |name: &str| PROCEDURES.iter().find(|procedure| procedure.name.eq_ignore_ascii_case(name));
    // From the right: the schema, which may be empty, then the catalog.
    let mut known = [(SCHEMA, true), (CATALOG, false)].into_iter();
    let fits = qualifiers.iter().rev().all(|part| {
        known
            .next()
            .is_some_and(|(own, may_be_empty)| own.eq_ignore_ascii_case(part) || may_be_empty && part.is_empty())
    });
    if let Some(procedure) = of_name(name).filter(|_| fits) {
        return Ok(procedure);
    }
    let names: Vec<_> = PROCEDURES.iter().map(|procedure| procedure.name.to_lowercase()).collect();
    let near = closest(&name.to_lowercase(), names.iter().map(String::as_str)).and_then(of_name);
    let meant = match near {
        Some(procedure) => format!("did you mean '{SCHEMA}.{}'?", procedure.name),
        None => format!("there are {}", PROCEDURES.iter().map(|known| known.name).collect::<Vec<_>>().join(", ")),
    };
    Err(syntax(&format!("there is no procedure {}; {meant}", parts.join("."))))
}

fn parameter(procedure: &Procedure, name: &str) -> Result<usize> {
    let own = |name: &str| procedure.inputs.iter().position(|input| input.name.eq_ignore_ascii_case(name));
    if let Some(index) = own(name) {
        return Ok(index);
    }
    let names: Vec<_> = procedure.inputs.iter().map(|input| input.name.to_lowercase()).collect();
    let near = closest(&name.to_lowercase(), names.iter().map(String::as_str)).and_then(own);
    let meant = match near {
        Some(index) => format!("did you mean '{}'?", procedure.inputs[index].name),
        None => format!("it has {}", listed(procedure)),
    };
    Err(syntax(&format!("{} has no parameter {name}; {meant}", procedure.name)))
}

fn too_many(procedure: &Procedure, count: usize) -> Error {
    syntax(&format!("{} is called with {count} arguments; it has {}", procedure.name, listed(procedure)))
}

/// The names of its parameters.
fn listed(procedure: &Procedure) -> String {
    procedure.inputs.iter().map(|input| input.name).collect::<Vec<_>>().join(", ")
}

fn syntax(text: &str) -> Error {
    Error::new(ErrorKind::Syntax, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SqlType;
    use crate::dialect::invocation;

    fn called(sql: &str) -> Result<Called> {
        Called::new(&invocation(sql)?.unwrap_or_else(|| panic!("{sql} is no call")))
    }

    fn arguments(sql: &str, values: &[Option<&str>]) -> Result<Vec<Option<String>>> {
        let values: Vec<_> = values.iter().map(|value| value.map(str::to_owned)).collect();
        Ok(called(sql)?.with(&values)?.values)
    }

    #[test]
    fn arguments_reach_their_parameters_by_place_and_by_name() {
        type Values = &'static [Option<&'static str>];
        let cases: &[(&str, Values, Values)] = &[
            ("EXEC GetOAuthAuthorizationURL", &[], &[None, None]),
            ("EXEC getoauthauthorizationurl 'c', 's'", &[], &[Some("c"), Some("s")]),
            ("CALL pipedrive.sys.GetOAuthAuthorizationURL('c')", &[], &[Some("c"), None]),
            ("{call pipedrive..GetOAuthAuthorizationURL(,'s')}", &[], &[None, Some("s")]),
            ("EXEC sys.\"GetOAuthAuthorizationURL\" @state = 's'", &[], &[None, Some("s")]),
            (
                "EXEC GetOAuthAuthorizationURL State = ?, CallbackURL = ?",
                &[Some("1"), Some("2")],
                &[Some("2"), Some("1")],
            ),
            ("EXEC GetOAuthAuthorizationURL ?, State => ?", &[Some("1"), None], &[Some("1"), None]),
            ("EXEC GetOAuthAuthorizationURL NULL, ''", &[], &[None, None]),
            ("EXEC GetOAuthAuthorizationURL ?, ' '", &[Some(" ")], &[None, None]),
            ("EXEC GetOAuthAccessToken 'web', Verifier = 'v'", &[], &[Some("WEB"), None, Some("v"), None]),
            ("EXEC GetOAuthAccessToken ?", &[Some(" App ")], &[Some("APP"), None, None, None]),
            ("EXEC RefreshMetadata 12", &[], &[Some("12")]),
        ];
        for (sql, values, expected) in cases {
            let found = arguments(sql, values).unwrap_or_else(|error| panic!("{sql}: {error}"));
            let expected: Vec<_> = expected.iter().map(|value| value.map(str::to_owned)).collect();
            assert_eq!(found, expected, "{sql}");
        }
    }

    #[test]
    fn a_default_counts_where_nothing_is_given() {
        let mode = |sql: &str| called(sql).unwrap().with(&[None]).unwrap().text("AuthMode").map(str::to_owned);
        assert_eq!(mode("EXEC GetOAuthAccessToken").as_deref(), Some("APP"));
        assert_eq!(mode("EXEC GetOAuthAccessToken ?").as_deref(), Some("APP"));
        assert_eq!(mode("EXEC GetOAuthAccessToken 'web'").as_deref(), Some("WEB"));
        let state = called("EXEC GetOAuthAccessToken").unwrap().with(&[]).unwrap();
        assert_eq!(state.text("State"), None);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let cases = [
            ("EXEC RefreshMetaData2", "there is no procedure RefreshMetaData2; did you mean 'sys.RefreshMetadata'?"),
            (
                "EXEC dbo.RefreshMetadata",
                "there is no procedure dbo.RefreshMetadata; did you mean 'sys.RefreshMetadata'?",
            ),
            ("EXEC other.sys.RefreshMetadata", "there is no procedure other.sys.RefreshMetadata; did you mean"),
            ("EXEC pipedrive.RefreshMetadata", "there is no procedure pipedrive.RefreshMetadata; did you mean"),
            ("EXEC xp_cmdshell 'SECRET'", "there is no procedure xp_cmdshell; there are GetOAuthAccessToken, GetOAuth"),
            ("EXEC RefreshOAuthAccessToken", "RefreshOAuthAccessToken needs OAuthRefreshToken: "),
            ("EXEC RefreshOAuthAccessToken NULL", "RefreshOAuthAccessToken needs OAuthRefreshToken: "),
            ("EXEC RefreshOAuthAccessToken ''", "RefreshOAuthAccessToken needs OAuthRefreshToken: "),
            ("EXEC RefreshOAuthAccessToken 'SECRET', 'SECRET'", "is called with 2 arguments; it has OAuthRefreshToken"),
            (
                "EXEC RefreshOAuthAccessToken RefreshToken = 'SECRET'",
                "has no parameter RefreshToken; did you mean 'OAuthRe",
            ),
            ("EXEC GetOAuthAuthorizationURL x = 1", "has no parameter x; it has CallbackURL, State"),
            ("EXEC GetOAuthAuthorizationURL 'a', callbackurl = 'b'", "CallbackURL is given twice"),
            ("EXEC GetOAuthAuthorizationURL State = 'a', @STATE = 'b'", "State is given twice"),
            ("EXEC GetOAuthAuthorizationURL State = 'a', 'b'", "behind an argument with a name come only others"),
            ("EXEC GetOAuthAccessToken 'SECRET'", "AuthMode is APP or WEB"),
        ];
        for (sql, text) in cases {
            let error = called(sql).map(|found| panic!("{sql}: {found:?}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Syntax, "{sql}");
            assert!(error.message().contains(text), "{sql}: {error}");
            assert!(!error.message().contains("SECRET"), "{sql}: {error}");
        }
    }

    #[test]
    fn values_at_markers_are_checked_when_they_come() {
        let refused = |sql: &str, value| arguments(sql, &[value]).unwrap_err().message().to_owned();
        assert!(refused("EXEC RefreshOAuthAccessToken ?", None).contains("needs OAuthRefreshToken"));
        assert_eq!(refused("{call GetOAuthAccessToken(?)}", Some("SECRET")), "AuthMode is APP or WEB");
    }

    #[test]
    fn markers_are_described_as_what_they_are_given_to() {
        let parameters = called("EXEC GetOAuthAccessToken @State = ?, @Verifier = ?").unwrap().parameters();
        let types: Vec<_> = parameters.iter().map(|parameter| parameter.sql_type).collect();
        assert_eq!(types, [SqlType::Varchar(255), SqlType::Varchar(2_000)]);
    }

    #[test]
    fn a_log_shows_names_and_never_a_secret() {
        let sql = "{call GetOAuthAccessToken('web', NULL, 'SECRET', 'it''s')}";
        let call = called(sql).unwrap();
        assert_eq!(call.shown(false), "EXEC GetOAuthAccessToken AuthMode = ?, Verifier = ***, State = ?");
        assert_eq!(call.shown(true), "EXEC GetOAuthAccessToken AuthMode = 'web', Verifier = ***, State = 'it''s'");
        let call = called("EXEC GetOAuthAccessToken @State = ?, @Verifier = ?").unwrap();
        assert_eq!(call.shown(true), "EXEC GetOAuthAccessToken Verifier = ?, State = ?");
        assert_eq!(call.shown_values(&[Some("s".into()), Some("SECRET".into())]), "[Some(\"s\"), ***]");
        assert_eq!(called("EXEC RefreshMetadata").unwrap().shown(true), "EXEC RefreshMetadata");
    }

    proptest! {
        #[test]
        fn no_call_panics_and_no_literal_is_repeated(
            name in "(GetOAuthAccessToken|RefreshOAuthAccessToken|RefreshMetadata|x)",
            rest in "[(]?((AuthMode = |@State=|Verifier=>)?('SECRET'|NULL|\\?|5|),?){0,4}[)]?",
        ) {
            if let Ok(Some(found)) = invocation(&format!("EXEC {name}{rest}")) {
                match Called::new(&found) {
                    Ok(called) => {
                        let values = vec![Some("SECRET".to_owned()); found.markers];
                        prop_assert_eq!(called.parameters().len(), found.markers);
                        let refused = called.with(&values).err();
                        prop_assert!(refused.is_none_or(|error| !error.message().contains("SECRET")));
                    }
                    Err(error) => prop_assert!(!error.message().contains("SECRET"), "{}", error),
                }
            }
        }
    }
}

//! Forms and queries: names and values, `application/x-www-form-urlencoded`.

use url::form_urlencoded;

/// Names and values of a form or a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form(Vec<(String, String)>);

/// What stands in a record in place of a secret.
pub(super) const WITHHELD: &str = "(withheld)";

/// Members whose values are secret, whether or not the sandbox knows them.
const SECRET: &[&str] =
    &["code", "code_verifier", "token", "refresh_token", "access_token", "api_token", "client_secret", "ticket"];

impl Form {
    /// Anything can be read as a form; what makes no sense has names that nobody asks for.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value with this name, unless it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// The form as it may be recorded: readable, without secrets; `conceal` knows those that are not told by a name.
    pub(super) fn concealed(&self, conceal: impl Fn(&str) -> String) -> String {
        let pair = |(name, value): &(String, String)| match SECRET.contains(&name.as_str()) {
            true => format!("{name}={WITHHELD}"),
            false => conceal(&format!("{name}={value}")),
        };
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

/// An address with more parameters in its query; what it is before them stays as it is written.
pub(super) fn with_parameters(address: &str, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::{Form, with_parameters};

    #[test]
    fn values_are_decoded_and_empty_ones_are_none() {
        let form = Form::read(b"state=a+b%26c&code=&state=second&broken%zz");
        assert_eq!(form.value("state"), Some("a b&c"));
        assert_eq!((form.value("code"), form.value("other")), (None, None));
    }

    #[test]
    fn secrets_are_withheld_by_name_and_by_value() {
        let form = Form::read(b"grant_type=refresh_token&refresh_token=1%3A1%3Aabc&note=x-known-x");
        let recorded = form.concealed(|text| text.replace("known", "***"));
        assert_eq!(recorded, "grant_type=refresh_token&refresh_token=(withheld)&note=x-***-x");
    }

    #[test]
    fn parameters_are_added_to_an_address_as_it_is() {
        let state = [("state", "a b&c")];
        assert_eq!(with_parameters("http://localhost:33333", &state), "http://localhost:33333?state=a+b%26c");
        assert_eq!(with_parameters("http://localhost:1/x?y=%41", &state), "http://localhost:1/x?y=%41&state=a+b%26c");
    }
}

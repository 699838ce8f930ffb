//! Writes JSON straight into a page's bytes, without values in between.

use std::io::Write;

use crate::dataset::{Amount, Moment, OldMoment};

/// JSON in the making.
#[derive(Debug, Default)]
pub(super) struct Json {
    bytes: Vec<u8>,
    /// The next value or name needs a comma before it.
    comma: bool,
}

impl Json {
    /// With room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), comma: false }
    }

    /// The text so far.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// `{...}`
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.nested(b'{', b'}', members);
    }

    /// `[...]`
    pub(super) fn array(&mut self, items: impl FnOnce(&mut Self)) {
        self.nested(b'[', b']', items);
    }

    /// `"name":`, a value has to follow.
    pub(super) fn name(&mut self, name: &str) -> &mut Self {
        self.separate();
        self.quoted(name);
        self.bytes.push(b':');
        self.comma = false;
        self
    }

    /// `"name":value`
    pub(super) fn member(&mut self, name: &str, value: impl Value) {
        self.name(name).value(value);
    }

    /// A value, as the item of an array or after a name.
    pub(super) fn value(&mut self, value: impl Value) {
        value.write(self);
    }

    fn nested(&mut self, open: u8, close: u8, inner: impl FnOnce(&mut Self)) {
        self.separate();
        self.bytes.push(open);
        self.comma = false;
        inner(self);
        self.bytes.push(close);
        self.comma = true;
    }

    fn separate(&mut self) {
        if self.comma {
            self.bytes.push(b',');
        }
        self.comma = true;
    }

    /// Digits, words or anything else that needs no escapes.
    fn plain(&mut self, text: std::fmt::Arguments<'_>) {
        self.separate();
        // Writing to memory cannot fail.
        let _ = self.bytes.write_fmt(text);
    }

    fn quoted(&mut self, text: &str) {
        self.bytes.push(b'"');
        for &byte in text.as_bytes() {
            match byte {
                b'"' | b'\\' => self.bytes.extend([b'\\', byte]),
                b'\n' => self.bytes.extend(b"\\n"),
                b'\r' => self.bytes.extend(b"\\r"),
                b'\t' => self.bytes.extend(b"\\t"),
                0..0x20 => {
                    let _ = write!(self.bytes, "\\u{byte:04x}");
                }
                _ => self.bytes.push(byte),
            }
        }
        self.bytes.push(b'"');
    }
}

/// What can stand as a JSON value.
pub(super) trait Value {
    /// Appends it.
    fn write(&self, json: &mut Json);
}

impl Value for i64 {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("{self}"));
    }
}

impl Value for Amount {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("{self}"));
    }
}

impl Value for bool {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("{self}"));
    }
}

/// `null`
#[derive(Debug, Clone, Copy)]
pub(super) struct Null;

impl Value for Null {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("null"));
    }
}

impl Value for str {
    fn write(&self, json: &mut Json) {
        json.separate();
        json.quoted(self);
    }
}

impl Value for String {
    fn write(&self, json: &mut Json) {
        self.as_str().write(json);
    }
}

impl Value for Moment {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("\"{self}\""));
    }
}

impl Value for OldMoment {
    fn write(&self, json: &mut Json) {
        json.plain(format_args!("\"{self}\""));
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => Null.write(json),
        }
    }
}

impl<T: Value> Value for [T] {
    fn write(&self, json: &mut Json) {
        json.array(|json| self.iter().for_each(|item| item.write(json)));
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn write(&self, json: &mut Json) {
        (**self).write(json);
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, Null};
    use crate::dataset::{Amount, Moment};

    #[test]
    fn what_is_written_is_json() {
        let mut json = Json::default();
        json.object(|json| {
            json.member("text", "a\"b\\c\n\t\u{1}𠮷");
            json.member("none", None::<i64>);
            json.member("amount", Amount::new(50_000, 1));
            json.name("list").array(|json| {
                json.value(1);
                json.object(|_| {});
                json.value(Null);
            });
            json.member("ids", [1, 2].as_slice());
            json.member("at", Moment(0));
        });
        let text = String::from_utf8(json.into_bytes()).unwrap();
        let expected = r#"{"text":"a\"b\\c\n\t\u0001𠮷","none":null,"amount":5000.0,"list":[1,{},null],"ids":[1,2],"at":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(text, expected);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["text"], "a\"b\\c\n\t\u{1}𠮷");
    }
}

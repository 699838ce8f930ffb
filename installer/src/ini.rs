//! Ini files of the driver managers: bytes in, bytes out.
//!
//! Every line that is not ours stays as it is, byte for byte: comments, order, line ends, encodings, a missing final
//! newline, a byte order mark. A line end is `\n`; a `\r` before it belongs to the line. A section that is added ends
//! with a blank line, which goes with it when it is removed; a file that ended without a newline ends so again.
//! Names of sections and keywords are matched without case, as both managers do.

/// What some programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An ini file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ini {
    has_mark: bool,
    lines: Vec<Vec<u8>>,
    /// The last line has no newline.
    is_open: bool,
}

/// A keyword: the name that is written, and others that mean the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyword<'a> {
    /// The name that is written.
    pub(crate) name: &'a str,
    /// Its aliases.
    pub(crate) aliases: &'a [&'a str],
}

impl Keyword<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

/// A keyword without aliases.
pub(crate) const fn keyword(name: &str) -> Keyword<'_> {
    Keyword { name, aliases: &[] }
}

impl Ini {
    /// Reads a file; any bytes are one.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let (has_mark, text) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) => (true, text),
            None => (false, bytes),
        };
        let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        // What follows the last newline is a line only if there is something.
        let is_open = lines.last().is_some_and(|last| !last.is_empty());
        if !is_open {
            lines.pop();
        }
        Self { has_mark, lines, is_open }
    }

    /// The file's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = if self.has_mark { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        bytes.extend(self.lines.join(&b'\n'));
        if !self.is_open && !self.lines.is_empty() {
            bytes.push(b'\n');
        }
        bytes
    }

    /// The names of the sections in their order.
    pub(crate) fn sections(&self) -> Vec<String> {
        self.lines.iter().filter_map(|line| header(line)).collect()
    }

    /// Whether there is such a section.
    pub(crate) fn has(&self, section: &str) -> bool {
        self.find(section).is_some()
    }

    /// The first value of a keyword in the first section of this name.
    pub(crate) fn value(&self, section: &str, name: &str) -> Option<String> {
        let (start, end) = self.find(section)?;
        let pairs = self.lines.get(start..end)?.iter().filter_map(|line| pair(line));
        pairs.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Adds a section at the end.
    pub(crate) fn add(&mut self, section: &str, pairs: &[(&str, &str)]) {
        self.append(section, pairs);
        if !self.is_open {
            self.insert(self.lines.len(), "");
        }
    }

    fn append(&mut self, section: &str, pairs: &[(&str, &str)]) {
        let written = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        let lines: Vec<String> = std::iter::once(format!("[{section}]")).chain(written).collect();
        for line in &lines {
            self.insert(self.lines.len(), line);
        }
    }

    /// Sets a keyword in the first section of this name, in its old place if it has one; other mentions go. Nothing
    /// happens without the section.
    pub(crate) fn set(&mut self, section: &str, keyword: Keyword<'_>, value: &str) {
        let Some((start, end)) = self.find(section) else { return };
        let old = self.mentions(start, end, keyword);
        let Some((&first, others)) = old.split_first() else {
            let place = self.place(start, end);
            self.insert(place, &format!("{}={value}", keyword.name));
            return;
        };
        self.drop_lines(others);
        if let Some(line) = self.lines.get_mut(first) {
            let same = pair(line).is_some_and(|(name, old)| name.eq_ignore_ascii_case(keyword.name) && old == value);
            if !same {
                let end: &[u8] = if line.ends_with(b"\r") { b"\r" } else { b"" };
                *line = [format!("{}={value}", keyword.name).as_bytes(), end].concat();
            }
        }
    }

    /// Removes every mention of a keyword from the first section of this name.
    pub(crate) fn unset(&mut self, section: &str, keyword: Keyword<'_>) {
        if let Some((start, end)) = self.find(section) {
            let old = self.mentions(start, end, keyword);
            self.drop_lines(&old);
        }
    }

    /// Removes every section of this name. Comments that follow its last keyword stay: they speak of what comes next.
    pub(crate) fn remove(&mut self, section: &str) {
        while let Some((start, end)) = self.find(section) {
            let last = (start..end).rev().find(|&index| self.lines.get(index).is_some_and(|line| pair(line).is_some()));
            let last = last.unwrap_or(start);
            let blank = last + 1 < end && self.is_blank(last + 1);
            self.drop_lines(&(start..=last + usize::from(blank)).collect::<Vec<_>>());
        }
    }

    /// Enters a name in a list such as `[ODBC Drivers]`, which is made where it is missing.
    pub(crate) fn enlist(&mut self, list: &str, name: &str, value: &str) {
        if self.has(list) {
            self.set(list, keyword(name), value);
        } else {
            // With its blank line, by which `strike` knows it, even if the file ends without a newline.
            self.append(list, &[(name, value)]);
            self.insert(self.lines.len(), "");
        }
    }

    /// Strikes a name from a list; a list that [`Self::enlist`] made for it alone goes, too.
    pub(crate) fn strike(&mut self, list: &str, name: &str) {
        let Some((start, end)) = self.find(list) else { return };
        let alone = end - start == 3 && self.is_blank(start + 2);
        if alone && self.mentions(start, end, keyword(name)) == [start + 1] {
            self.drop_lines(&[start, start + 1, start + 2]);
        } else {
            self.unset(list, keyword(name));
        }
    }

    /// The lines of the first section of this name: its first, and the one behind its last.
    fn find(&self, section: &str) -> Option<(usize, usize)> {
        let is_it = |line: &Vec<u8>| header(line).is_some_and(|name| name.to_lowercase() == section.to_lowercase());
        let start = self.lines.iter().position(is_it)?;
        let rest = self.lines.get(start + 1..)?;
        let length = rest.iter().position(|line| header(line).is_some()).unwrap_or(rest.len());
        Some((start, start + 1 + length))
    }

    fn mentions(&self, start: usize, end: usize, keyword: Keyword<'_>) -> Vec<usize> {
        let is_it = |index: &usize| {
            let line = self.lines.get(*index);
            line.and_then(|line| pair(line)).is_some_and(|(name, _)| keyword.is(&name))
        };
        (start + 1..end).filter(is_it).collect()
    }

    /// Where a new keyword goes: behind the last one, else behind the blank lines that follow the header, so that
    /// a list of the file's owner never looks like one that [`Self::enlist`] made.
    fn place(&self, start: usize, end: usize) -> usize {
        let is_pair = |index: &usize| self.lines.get(*index).is_some_and(|line| pair(line).is_some());
        match (start + 1..end).rev().find(is_pair) {
            Some(last) => last + 1,
            None => (start + 1..end).find(|&index| !self.is_blank(index)).unwrap_or(end),
        }
    }

    fn is_blank(&self, index: usize) -> bool {
        self.lines.get(index).is_some_and(|line| line.trim_ascii().is_empty())
    }

    /// Inserts a line with the line end that most lines have.
    fn insert(&mut self, place: usize, text: &str) {
        let with_return = self.lines.iter().filter(|line| line.ends_with(b"\r")).count();
        let is_last_and_open = self.is_open && place == self.lines.len();
        let mut line = text.as_bytes().to_vec();
        if with_return * 2 > self.lines.len() && !is_last_and_open {
            line.push(b'\r');
        }
        self.lines.insert(place, line);
    }

    fn drop_lines(&mut self, places: &[usize]) {
        let mut index = 0;
        self.lines.retain(|_| {
            index += 1;
            !places.contains(&(index - 1))
        });
        // A last line without a newline would be none if it were blank.
        self.is_open &= self.lines.last().is_some_and(|last| !last.is_empty());
    }
}

/// The name in a section's first line.
fn header(line: &[u8]) -> Option<String> {
    let inside = line.trim_ascii().strip_prefix(b"[")?;
    let name = inside.split(|byte| *byte == b']').next().unwrap_or_default();
    Some(String::from_utf8_lossy(name).trim().to_owned())
}

/// A keyword and its value; nothing for comments, headers and blank lines.
fn pair(line: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    if text.starts_with([';', '#', '[']) {
        return None;
    }
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(text: &str, change: impl FnOnce(&mut Ini)) -> String {
        let mut ini = Ini::read(text.as_bytes());
        change(&mut ini);
        String::from_utf8(ini.bytes()).unwrap()
    }

    /// What `install` does, with a list.
    fn install(ini: &mut Ini) {
        ini.enlist("ODBC Drivers", "Pipedrive", "Installed");
        if ini.has("Pipedrive") {
            ini.set("Pipedrive", keyword("Driver"), "/lib/x.so");
        } else {
            ini.add("Pipedrive", &[("Description", "d"), ("Driver", "/lib/x.so")]);
        }
    }

    /// What `uninstall` does.
    fn uninstall(ini: &mut Ini) {
        ini.strike("ODBC Drivers", "Pipedrive");
        ini.remove("Pipedrive");
    }

    #[test]
    fn a_section_is_added_at_the_end() {
        let ours = "[ODBC Drivers]\nPipedrive=Installed\n\n[Pipedrive]\nDescription=d\nDriver=/lib/x.so\n\n";
        assert_eq!(changed("", install), ours);
        assert_eq!(changed("[A]\nx=1\n", install), format!("[A]\nx=1\n{ours}"));
        assert_eq!(
            changed("[A]\r\nx=1\r\n", |ini| ini.add("B", &[("y", "2")])),
            "[A]\r\nx=1\r\n[B]\r\ny=2\r\n\r\n",
            "line ends as the file has them"
        );
        assert_eq!(changed("[A]\nx=1", |ini| ini.add("B", &[("y", "2")])), "[A]\nx=1\n[B]\ny=2", "no final newline");
        assert_eq!(
            changed("[ODBC Drivers]\nOther=Installed\n\n[Other]\n", |ini| ini.enlist("odbc drivers", "P", "Installed")),
            "[ODBC Drivers]\nOther=Installed\nP=Installed\n\n[Other]\n"
        );
    }

    #[test]
    fn a_keyword_is_set_in_its_place_and_its_other_names_go() {
        let company = Keyword { name: "CompanyDomain", aliases: &["Company", "Server"] };
        let text = "\u{feff}[crm]\r\n# mine\r\nserver = old\r\nTimeout=5\r\nCompanyDomain=older\r\n[b]\r\n";
        let expected = "\u{feff}[crm]\r\n# mine\r\nCompanyDomain=new\r\nTimeout=5\r\n[b]\r\n";
        assert_eq!(changed(text, |ini| ini.set("CRM", company, "new")), expected);
        let same = "[crm]\n  companydomain =  new  \n";
        assert_eq!(changed(same, |ini| ini.set("crm", company, "new")), same);
        assert_eq!(changed("[crm]\nServer=a\nx=1\nCompany=b\n", |ini| ini.unset("crm", company)), "[crm]\nx=1\n");
        assert_eq!(changed("[a]\n", |ini| ini.set("crm", company, "new")), "[a]\n", "without the section");
    }

    #[test]
    fn what_follows_a_removed_section_stays() {
        let text =
            "# top\n[Pipedrive]\n# ours\nDriver=a\n\n# Postgres, by hand\n[PostgreSQL]\nDriver=b\n[pipedrive]\nx=1\n";
        assert_eq!(changed(text, uninstall), "# top\n# Postgres, by hand\n[PostgreSQL]\nDriver=b\n");
        assert_eq!(changed("[a]\n\n[Pipedrive]\nx=1", uninstall), "[a]\n\n");
        assert_eq!(changed("\u{feff}[Pipedrive]\nx=1\n", uninstall), "\u{feff}");
    }

    #[test]
    fn values_are_read_as_the_driver_reads_them() {
        let ini = Ini::read(b"[A]\nDriver = first \nDriver=second\n;Driver=no\n[a]\nSetup=x\n");
        assert_eq!(ini.value("a", "DRIVER").as_deref(), Some("first"));
        assert_eq!(ini.value("a", "Setup"), None, "the first section counts");
        assert_eq!(ini.sections(), ["A", "a"]);
    }

    /// Lines as files have them, and some that none should have.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        let known = [
            "[ODBC Drivers]",
            "[odbc drivers]",
            " [ODBC DRIVERS ] x",
            "[Other]",
            "[Other",
            "[]",
            "Other=Installed",
            "Driver=/x.so",
            "driver = y",
            "; comment",
            "# comment",
            "",
            " ",
            "\t",
            "nonsense",
            "=",
            "a=b;c#d",
            "\u{feff}",
            "[ODBC Data Sources]",
            "[Zoë]",
        ];
        let bytes = prop::collection::vec(any::<u8>().prop_filter("a line", |byte| *byte != b'\n'), 0..6);
        prop_oneof![
            8 => prop::sample::select(known.map(|text| text.as_bytes().to_vec()).to_vec()),
            1 => bytes,
        ]
    }

    fn file(line: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let end = prop::sample::select(vec!["\n", "\r\n", "\n", "\r"]);
        (prop::collection::vec((line, end), 0..14), any::<bool>(), any::<bool>()).prop_map(|(lines, mark, open)| {
            let mut bytes = if mark { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
            for (line, end) in lines {
                bytes.extend(line);
                bytes.extend(end.as_bytes());
            }
            if open && bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            bytes
        })
    }

    /// Also with sections of ours, spelled in any way.
    fn with_ours() -> impl Strategy<Value = Vec<u8>> {
        let ours = ["[Pipedrive]", "[PIPEDRIVE]", " [pipedrive] ", "Pipedrive=Installed", "Description=mine"];
        file(prop_oneof![4 => line(), 1 => prop::sample::select(ours.map(|text| text.as_bytes().to_vec()).to_vec())])
    }

    /// The lines that are neither of a section of ours nor of a list.
    fn foreign(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut is_ours = false;
        let mut lines = Ini::read(bytes).lines;
        lines.retain(|line| {
            if let Some(name) = header(line) {
                is_ours = ["pipedrive", "odbc drivers"].contains(&name.to_lowercase().as_str());
            }
            !is_ours
        });
        lines
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_read_is_written(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(Ini::read(&bytes).bytes(), bytes);
        }

        #[test]
        fn installing_and_uninstalling_gives_the_file_back(bytes in file(line())) {
            let mut ini = Ini::read(&bytes);
            install(&mut ini);
            let mut installed = Ini::read(&ini.bytes());
            prop_assert_eq!(installed.value("Pipedrive", "Driver"), Some("/lib/x.so".to_owned()));
            prop_assert_eq!(installed.value("ODBC Drivers", "Pipedrive"), Some("Installed".to_owned()));
            uninstall(&mut installed);
            prop_assert_eq!(installed.bytes(), bytes);
        }

        #[test]
        fn installing_twice_is_installing_once(bytes in with_ours()) {
            let mut ini = Ini::read(&bytes);
            install(&mut ini);
            let once = ini.bytes();
            let mut ini = Ini::read(&once);
            install(&mut ini);
            prop_assert_eq!(ini.bytes(), once);
        }

        #[test]
        fn lines_of_other_sections_stay(bytes in with_ours()) {
            let mut ini = Ini::read(&bytes);
            install(&mut ini);
            prop_assert_eq!(foreign(&ini.bytes()), foreign(&bytes));
        }

        #[test]
        fn after_uninstalling_the_driver_is_gone_and_foreign_lines_are_there(bytes in with_ours()) {
            let mut ini = Ini::read(&bytes);
            uninstall(&mut ini);
            prop_assert!(!ini.has("Pipedrive"));
            // Comments behind a removed section move to the one before it.
            let left = ini.lines.clone();
            let mut at = left.iter();
            for line in foreign(&bytes) {
                prop_assert!(at.any(|found| *found == line), "{:?} is gone", String::from_utf8_lossy(&line));
            }
        }
    }
}

//! Where the documents and recordings lie, and how one operation is cut out of a document of two megabytes.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;

/// The folder with the documents and recordings.
pub(super) struct Reference {
    folder: PathBuf,
}

impl Reference {
    /// The reference; `None`, with a line that says so, where it is not there.
    pub(super) fn find() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "says where the reference material lies; read in tests only")]
        let named = std::env::var("PIPEDRIVE_REFERENCE").ok().map(PathBuf::from);
        let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
        let folder = named.unwrap_or_else(beside).join("pipedrive");
        if folder.join("openapi-v2.yaml").is_file() {
            return Some(Self { folder });
        }
        // Past the test runner, which keeps what passing tests print to itself.
        drop(writeln!(
            io::stderr(),
            "SKIPPED: the sandbox is not compared with Pipedrive's documents, for there is no openapi-v2.yaml in {}; \
             PIPEDRIVE_REFERENCE names the folder that has pipedrive/openapi-v2.yaml",
            folder.display()
        ));
        None
    }

    fn text(&self, file: &str) -> String {
        let path = self.folder.join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The body of a recorded answer.
    pub(super) fn recording(&self, file: &str) -> Value {
        let recorded: Value = serde_json::from_str(&self.text(&format!("recordings/{file}"))).unwrap();
        recorded["response"].clone()
    }

    /// The names of the headers of a recorded answer.
    pub(super) fn recorded_headers(&self, file: &str) -> Vec<String> {
        let recorded: Value = serde_json::from_str(&self.text(&format!("recordings/{file}"))).unwrap();
        recorded["headers"].as_object().unwrap().keys().cloned().collect()
    }

    /// The document of a version.
    pub(super) fn document(&self, version: u8) -> String {
        self.text(&format!("openapi-v{version}.yaml"))
    }
}

/// What the document says about `GET` of a path.
#[track_caller]
pub(super) fn operation(document: &str, path: &str) -> Value {
    let head = format!("\n  {path}:\n");
    let alternative = format!("\n  '{path}':\n");
    let find = |head: &str| document.find(head).map(|start| start + head.len());
    let start = find(&head).or_else(|| find(&alternative)).unwrap_or_else(|| panic!("{path} is not in the document"));
    let rest = &document[start..];
    // The next path, or the next chapter, is indented by less than four.
    let lines = rest.lines().take_while(|line| line.starts_with("    ") || line.trim().is_empty());
    let block: String = lines.flat_map(|line| [line, "\n"]).collect();
    let methods: Value = serde_yaml_ng::from_str(&block).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(methods["get"].is_object(), "{path} has no GET");
    methods["get"].clone()
}

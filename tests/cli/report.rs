//! What an agent sends: a report, entry by entry.

use std::collections::BTreeMap;

use backupmon::domain::Digest;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A report under construction; [`crate::harness::Site::deposit`] puts it into the agent's `log/`.
///
/// The dumps of its good entries are deposited with it.
#[derive(Clone)]
pub struct Report {
    pub agent: String,
    file: Option<String>,
    own: Option<String>,
    databases: Map<String, Value>,
    rest: Map<String, Value>,
    pub dumps: BTreeMap<String, Vec<u8>>,
}

impl Report {
    pub fn of(agent: &str) -> Self {
        Self {
            agent: agent.to_owned(),
            file: None,
            own: None,
            databases: Map::new(),
            rest: Map::new(),
            dumps: BTreeMap::new(),
        }
    }

    /// When the operation ended, as the agent writes it; without this, when it is deposited.
    pub fn at(mut self, own: &str) -> Self {
        self.own = Some(own.to_owned());
        self
    }

    /// The file's name in `log/`; without this, one made of the moment.
    pub fn named(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// All went well: the dump `DATABASE.bin` of these bytes comes with the report.
    pub fn good(self, database: &str, bytes: impl AsRef<[u8]>) -> Self {
        let file = format!("{database}.bin");
        let mut report = self.says(database, &file, bytes.as_ref());
        report.dumps.insert(file, bytes.as_ref().to_vec());
        report
    }

    /// The report says that all went well with `file` of these bytes; no dump comes with it.
    pub fn says(self, database: &str, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        let entry = json!({
            "BACKUP": {"status": true},
            "COMPRESS": {"status": true, "sha256": Digest::of(bytes.as_ref()).to_string()},
            "TRANSFER": {"status": true},
            "staged_file_name": file,
        });
        self.entry(database, entry)
    }

    /// `step` (BACKUP, COMPRESS or TRANSFER) failed with this message.
    pub fn failed(self, database: &str, step: &str, message: &str) -> Self {
        let failed = json!({"status": "False", "error_message": message});
        self.entry(database, json!({step: failed, "staged_file_name": ""}))
    }

    /// Any entry.
    pub fn entry(mut self, database: &str, entry: Value) -> Self {
        self.databases.insert(database.to_owned(), entry);
        self
    }

    /// Any further field, or another value of a field.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.rest.insert(field.to_owned(), value);
        self
    }

    pub fn file_name(&self, now: DateTime<Utc>) -> String {
        self.file.clone().unwrap_or_else(|| format!("{}.json", now.format("%Y-%m-%d_%H-%M-%S%.f")))
    }

    pub fn text(&self, now: DateTime<Utc>) -> String {
        let own = self.own.clone().unwrap_or_else(|| now.to_rfc3339());
        let mut report =
            json!({"agent_id": self.agent, "operation_end_time": own, "databases": self.databases});
        for (field, value) in &self.rest {
            report[field] = value.clone();
        }
        report.to_string()
    }
}

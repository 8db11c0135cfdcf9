//! The ground that a hostile agent has: its own folder, and what it may point to.

use std::fs;
use std::path::{Path, PathBuf};

use backupmon::domain::Digest;

use crate::harness::Site;
use crate::report::Report;

pub const HONEST: &str = "SIRPACAM_DOUALA_NEWBELL";
pub const HOSTILE: &str = "HYDROCAM_KRIBI_PORT";
/// What a hostile agent sends where its report is true.
pub const PAYLOAD: &[u8] = b"the dump of the hostile agent";
/// Lies outside of every deposit and must be seen nowhere.
pub const CANARY: &str = "CANARY-7f3e9a51 root:x:0:0: a secret of the server";
/// The honest agent's newest dump before the hostile one acts.
pub const HONEST_DUMP: &str = "an honest dump of the first day";

/// A site with a hostile agent on it.
pub struct Ground<'s> {
    pub site: &'s Site,
}

impl Ground<'_> {
    pub fn path(&self, path: &str) -> PathBuf {
        self.site.path(&format!("deposits/{HOSTILE}/{path}"))
    }

    /// Any file in the hostile agent's folder.
    pub fn file(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.site.place(&format!("deposits/{HOSTILE}/{path}"), bytes)
    }

    pub fn dump(&self, file: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.file(&format!("databases/{file}"), bytes)
    }

    pub fn report(&self, report: &Report) {
        self.site.deposit(report);
    }

    /// The report `bad.json` of these bytes.
    pub fn raw_report(&self, bytes: impl AsRef<[u8]>) {
        self.file("log/bad.json", bytes);
    }

    /// Says of `DB.bin` that it has these bytes.
    pub fn claims(&self, bytes: &[u8]) {
        self.report(&Report::of(HOSTILE).says("DB", "DB.bin", bytes));
    }

    /// Makes room for something that `make` puts at `path`.
    pub fn put(&self, path: &str, make: impl FnOnce(&Path)) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        make(&path);
    }

    /// A file or folder of the server's that no agent may reach: `secret`, `log/x.json` and `databases/DB.bin` in it.
    pub fn outside(&self, path: &str) -> PathBuf {
        self.site.path("outside").join(path)
    }

    /// An entry of a report that is true of `PAYLOAD` in `DB.bin`, as JSON.
    pub fn good_entry() -> String {
        format!(
            r#"{{"COMPRESS": {{"status": true, "sha256": "{}"}}, "staged_file_name": "DB.bin"}}"#,
            digest()
        )
    }

    /// A whole report that is true, with `fields` before `databases`, each ending in a comma.
    pub fn good_report(fields: &str) -> String {
        format!(r#"{{"agent_id": "{HOSTILE}", {fields} "databases": {{"DB": {}}}}}"#, Self::good_entry())
    }

    /// A report with this entry for `DB`, and `DB.bin` beside it.
    pub fn entry(&self, entry: &str) {
        self.dump("DB.bin", PAYLOAD);
        self.raw_report(format!(r#"{{"agent_id": "{HOSTILE}", "databases": {{"DB": {entry}}}}}"#));
    }
}

/// Of [`PAYLOAD`].
pub fn digest() -> String {
    Digest::of(PAYLOAD).to_string()
}

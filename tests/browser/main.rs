//! The site in a real browser: Chromium, headless, from `file://` and behind nginx under the policy of contrib.
//!
//! One browser serves all tests, one after the other: starting one is what costs. Without chromium and chromedriver
//! every test is skipped by name.

mod accessible;
mod driver;
mod fresh;
#[path = "../cli/harness.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod harness;
mod large;
mod layout;
mod loads;
#[path = "../served/nginx_server.rs"]
mod nginx_server;
#[path = "../cli/report.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod report;
mod used;

use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard};

use chrono::TimeDelta;

use driver::Browser;
use harness::Site;
use report::Report;

pub(crate) const LANGUAGES: [&str; 2] = ["en", "fr"];
/// Names that an agent may choose.
const HOSTILE: &str = "x\"onmouseover=alert(1) <script>alert(2)<&script> \u{202e}gnp";

/// Chromium is large: one at a time.
static TURN: Mutex<()> = Mutex::new(());

/// A browser and the folder that it lives in.
pub(crate) struct Window {
    pub browser: Browser,
    _folder: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl std::ops::Deref for Window {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

/// `None`, after saying so, where there is no browser.
pub(crate) fn window(test: &str) -> Option<Window> {
    for program in ["chromium", "chromedriver"] {
        if !is_there(program) {
            eprintln!("skipped: {test} needs {program}, which is not installed");
            return None;
        }
    }
    let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = tempfile::TempDir::new().unwrap();
    Some(Window { browser: Browser::start(folder.path()), _folder: folder, _turn: turn })
}

pub(crate) fn is_there(program: &str) -> bool {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

/// A site with some of everything: good, failed, damaged, missing, hostile names.
pub(crate) fn site(language: &str) -> Site {
    let mut site = Site::configured(&format!(
        "[site]\nlanguage = '{language}'\n[defaults]\nevery = '24h'\ngrace = '2h'\n"
    ));
    for day in 0..3 {
        for agent in ["SIRPACAM_DOUALA_NEWBELL", "SIRPACAM_YAOUNDE_BASTOS", "SOCIA_GAROUA_PLATEAU"] {
            let bytes = format!("{agent} of day {day}");
            let report =
                Report::of(agent).good("SDMC_2020", &bytes).good("PAIE", format!("{bytes}, salaries"));
            site.deposit(&if day == 2 && agent.starts_with("SOCIA") {
                report.failed("STOCK", "BACKUP", HOSTILE)
            } else {
                report.good("STOCK", "always the same")
            });
        }
        if day == 0 {
            site.deposit(&Report::of("CHU_GOES_AWAY").good("QUIET", "q").good("SILENT", "s"));
            site.deposit(&Report::of("ODD_NAMES").good(HOSTILE, "odd"));
        }
        site.run(["run", "-q"]).silent();
        site.pass(TimeDelta::hours(24));
    }
    site.run(["run", "-q"]).silent();
    site
}

/// Addresses of every page, below the site's own.
pub(crate) fn pages(site: &Site) -> Vec<String> {
    let all = site.tree("site");
    all.lines().filter(|path| path.ends_with(".html")).map(str::to_owned).collect()
}

/// As a person opens it from the disk.
pub(crate) fn on_disk(site: &Site) -> String {
    format!("file://{}", site.path("site").display())
}

/// Lets pages believe that it is so many seconds after the run that made them.
pub(crate) fn clock(site: &Site, seconds: i64) -> String {
    let run = site.document("site/api/health.json")["generated_at"].as_str().unwrap().to_owned();
    format!(
        "(() => {{ const begun = performance.now(), run = Date.parse('{run}') + {seconds} * 1000, Real = Date; \
         Date = class extends Real {{ constructor(...a) {{ if (a.length) super(...a); else super(Real.now()); }} }}; \
         Real.now = Date.now = () => run + performance.now() - begun; }})()"
    )
}

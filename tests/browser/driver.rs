//! A headless Chromium, driven by `WebDriver`: HTTP and JSON, spoken to Debian's chromedriver.
//!
//! Only what the tests need of <https://www.w3.org/TR/webdriver2/>; what is Chromium's own (the clock, the colour
//! scheme, the console) goes through chromedriver's `goog/cdp` and `se/log`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// Longest for one command, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ends with the test, also with one that fails while the browser starts.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Browser {
    #[expect(dead_code, reason = "only held")]
    driver: Driver,
    /// Held open: who writes into a pipe without a reader is killed.
    #[expect(dead_code, reason = "only held")]
    said: BufReader<ChildStdout>,
    agent: Agent,
    session: String,
}

impl Browser {
    /// `profile` is a folder of its own, which ends with the test.
    pub fn start(profile: &Path) -> Self {
        // The port that it takes for itself may be taken by another a moment before.
        let started = (0..3).find_map(|_| listening(profile));
        let (driver, said, port) = started.expect("chromedriver listens");
        let config = Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        let agent = config.build().new_agent();
        let root = format!("http://127.0.0.1:{port}/session");
        let options = json!({"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": true,
            // More than the page itself is given to come to something.
            "timeouts": {"script": u64::try_from(PATIENCE.as_millis()).unwrap()},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--allow-file-access-from-files=false", "--window-size=1280,900",
                format!("--user-data-dir={}", profile.join("profile").display()),
            ]},
        }}});
        let answer = ask(agent.post(&root).send_json(options));
        let session = format!("{root}/{}", answer["sessionId"].as_str().unwrap());
        Self { driver, said, agent, session }
    }

    fn post(&self, command: &str, arguments: Value) -> Value {
        ask(self.agent.post(format!("{}/{command}", self.session)).send_json(arguments))
    }

    /// Loads the page, to its end.
    pub fn open(&self, address: &str) {
        self.post("url", json!({"url": address}));
    }

    /// The value of an expression on the page; a promise is waited for.
    pub fn value(&self, expression: &str) -> Value {
        let script = "const done = arguments[arguments.length - 1];\
                      Promise.resolve((0, eval)(arguments[0])).then(done, e => done(String(e)));";
        // The page's policy forbids `eval`: the expression is a script of its own.
        let script = script.replace("(0, eval)(arguments[0])", &format!("({expression})"));
        self.post("execute/async", json!({"script": script, "args": []}))
    }

    pub fn text(&self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    pub fn is(&self, expression: &str) -> bool {
        self.value(expression) == json!(true)
    }

    /// Waits for the page's own scripts, which answer to what was typed a moment later.
    #[track_caller]
    pub fn until(&self, expression: &str) {
        let holds = format!(
            "new Promise((yes, no) => {{ const begun = performance.now(); (function look() {{ if ({expression}) \
             yes(true); else if (performance.now() - begun > 60000) no('never: ' + {}); \
             else requestAnimationFrame(look); }})(); }})",
            json!(expression)
        );
        assert_eq!(self.value(&holds), json!(true), "{expression}");
    }

    /// As [`until`](Self::until), over pages that the window loads meanwhile: a question to a page that goes away is put
    /// again to the next.
    #[track_caller]
    pub fn until_another_page(&self, expression: &str) {
        let begun = std::time::Instant::now();
        while self.try_value(expression) != Some(json!(true)) {
            assert!(begun.elapsed() < PATIENCE, "never: {expression}");
        }
    }

    /// `None` where the page went away meanwhile.
    fn try_value(&self, expression: &str) -> Option<Value> {
        // Each question takes a frame, so that they do not keep the page from its work.
        let script = format!(
            "const done = arguments[arguments.length - 1]; requestAnimationFrame(() => done({expression}));"
        );
        let sent = self.agent.post(format!("{}/execute/async", self.session));
        let mut answer = sent.send_json(json!({"script": script, "args": []})).ok()?;
        let mut answer: Value = answer.body_mut().read_json().ok()?;
        let value = answer["value"].take();
        value["error"].is_null().then_some(value)
    }

    /// Types into what has the focus, a control key by its code point.
    pub fn keys(&self, text: &str) {
        let presses: Vec<Value> = text
            .chars()
            .flat_map(|c| [json!({"type": "keyDown", "value": c}), json!({"type": "keyUp", "value": c})])
            .collect();
        self.post("actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": presses}]}));
    }

    /// A command of Chromium's own protocol.
    pub fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": parameters}))
    }

    /// What pages opened from now on run first; gives what takes it back.
    pub fn begin_pages_with(&self, script: &str) -> String {
        let answer = self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": script}));
        answer["identifier"].as_str().unwrap().to_owned()
    }

    pub fn begin_pages_without(&self, identifier: &str) {
        self.cdp("Page.removeScriptToEvaluateOnNewDocument", json!({"identifier": identifier}));
    }

    pub fn scheme(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.cdp("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    pub fn width(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.cdp("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// What was written to the console since the last time it was asked: errors and warnings, also of the policy.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.post("se/log", json!({"type": "browser"}));
        let is_one = |line: &&Value| line["level"] == "SEVERE" || line["level"] == "WARNING";
        log.as_array().unwrap().iter().filter(is_one).map(|line| line["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; chromedriver alone would leave it behind.
        let _ = self.agent.delete(&self.session).call();
    }
}

/// Chromedriver, and the port on which it says that it listens; `None` when it ended instead.
fn listening(profile: &Path) -> Option<(Driver, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .env("HOME", profile)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(driver.stdout.take().unwrap());
    let mut line = String::new();
    while said.read_line(&mut line).unwrap() > 0 {
        let port = line.trim().trim_end_matches('.').rsplit_once("successfully on port ");
        if let Some(port) = port.and_then(|(_, port)| port.parse().ok()) {
            return Some((Driver(driver), said, port));
        }
        line.clear();
    }
    driver.wait().unwrap();
    None
}

#[track_caller]
fn ask(sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
    let mut answer: Value = sent.unwrap().body_mut().read_json().unwrap();
    let value = answer["value"].take();
    assert!(value["error"].is_null(), "{}: {}", value["error"], value["message"]);
    value
}

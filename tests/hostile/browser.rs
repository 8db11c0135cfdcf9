//! Chromium, and the server on loopback from which it takes pages: every request that it makes is known.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

pub struct Pages {
    pub port: u16,
    folder: Arc<Mutex<PathBuf>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    pub fn serve() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (folder, requests) = (Arc::new(Mutex::new(PathBuf::new())), Arc::new(Mutex::new(Vec::new())));
        let pages = Self { port, folder: Arc::clone(&folder), requests: Arc::clone(&requests) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (folder, requests) = (Arc::clone(&folder), Arc::clone(&requests));
                // A browser that goes away is no failure of this server.
                thread::spawn(move || drop(answer(&stream, &folder.lock().unwrap().clone(), &requests)));
            }
        });
        pages
    }

    pub fn of(&self, folder: PathBuf) {
        *self.folder.lock().unwrap() = folder;
    }

    /// Paths that were asked for since the last time, without their queries.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// The page after its scripts have run, without the style and the script of our own that a small fleet's pages carry.
    pub fn dom(&self, path: &str) -> String {
        let asset = |name: &str| {
            let file = self.folder.lock().unwrap().join("assets").join(name);
            fs::read_to_string(file).unwrap()
        };
        let style = format!("<style>{}</style>", asset("site.css"));
        let script = format!("<script>{}</script>", asset("site.js"));
        self.whole_dom(path).replacen(&style, "", 1).replacen(&script, "", 1)
    }

    fn whole_dom(&self, path: &str) -> String {
        let profile = tempfile::tempdir().unwrap();
        let output = Command::new("timeout")
            .args(["120", "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-component-update"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("http://127.0.0.1:{}/{path}", self.port))
            .env("HOME", profile.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && dom.contains("</html>"), "{output:?}");
        dom
    }
}

/// Whether there is a browser; says so where there is none.
pub fn is_missing(test: &str) -> bool {
    let missing = Command::new("chromium").arg("--version").output().is_err();
    if missing {
        eprintln!("skipped: {test} needs a browser (apt install chromium)");
    }
    missing
}

fn answer(mut stream: &TcpStream, folder: &Path, requests: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    // A browser also connects in advance, and then asks for nothing.
    let Some(line) = lines.next().transpose()? else { return Ok(()) };
    let asked = line.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let path = asked.split('?').next().unwrap_or_default().to_owned();
    requests.lock().unwrap().push(path.clone());
    let kind = match Path::new(&path).extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some(_) | None => "application/octet-stream",
    };
    let (status, body) = match fs::read(folder.join(&path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

//! A mail server on loopback that takes everything, and knows what it told the sender it had taken.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::checker::Accepted;

pub const RECIPIENTS: [&str; 2] = ["ops@example.org", "boss@example.org"];

pub struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<Accepted>>>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (taken, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (shared, ended) = (Arc::clone(&taken), Arc::clone(&over));
        thread::spawn(move || {
            for stream in listener.incoming().take_while(|_| !ended.load(Ordering::Relaxed)) {
                let shared = Arc::clone(&shared);
                // A sender that is killed in the middle is no failure of this server.
                thread::spawn(move || drop(converse(&stream.unwrap(), &shared)));
            }
        });
        Self { port, taken, over }
    }

    pub fn section(&self) -> String {
        format!(
            "[mail]\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\nfrom = 'backupmon@example.org'\nto = {RECIPIENTS:?}\ndigest = 'off'\nmail_gap = '1s'\n",
            self.port
        )
    }

    /// Recipient and Message-ID of what was taken, as often as it came.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.taken.lock().unwrap().clone()
    }

    /// Pretends that only these were taken so far: those of before a moment to which a test goes back.
    pub fn forget_but(&self, accepted: Vec<Accepted>) {
        *self.taken.lock().unwrap() = accepted;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it sees the end.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn converse(mut stream: &TcpStream, taken: &Mutex<Vec<Accepted>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut recipient = String::new();
    stream.write_all(b"220 test\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default() {
            "RCPT" => {
                line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut recipient);
                stream.write_all(b"250 ok\r\n")?;
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let Some(id) = message(&mut lines)? else { return Ok(()) };
                taken.lock().unwrap().push((recipient.clone(), id));
                stream.write_all(b"250 taken\r\n")?;
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => stream.write_all(b"250 ok\r\n")?,
        }
    }
}

/// The Message-ID of a message that came whole.
fn message(lines: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut text = String::new();
    while !text.ends_with("\r\n.\r\n") {
        if lines.read_line(&mut text)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(message_id(&text).unwrap_or_default()))
}

/// What stands in the header of a message, without its brackets.
pub fn message_id(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("Message-ID: "))?;
    Some(line.trim().trim_matches(['<', '>']).to_owned())
}

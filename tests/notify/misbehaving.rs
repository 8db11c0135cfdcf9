//! An SMTP server on a loopback socket that does one thing wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Accepts the connection and says nothing.
    NoBanner,
    /// A banner without end, a line at a time: no single read ever takes long.
    Drip,
    /// A banner that never comes to the end of its line.
    EndlessLine,
    /// 421 in answer to DATA.
    BusyAtData,
    /// Takes the mail, then closes without an answer. Once: the next connection is served well.
    DropAfterDotOnce,
    /// No answer to QUIT, and the connection stays open.
    QuitHangs,
    /// 535 to every login.
    LoginRefused,
    /// 554 after the message.
    ContentRefused,
}

#[derive(Default)]
pub struct Seen {
    pub connections: usize,
    pub commands: Vec<String>,
    pub messages: Vec<Vec<u8>>,
}

pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// `refused`: addresses that get 550.
    pub fn start(fault: Fault, refused: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                shared.lock().unwrap().connections += 1;
                // A client that gives up is no failure of this server.
                thread::spawn(move || drop(converse(&stream, fault, refused, &shared)));
            }
        });
        Self { port, seen }
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }
}

fn converse(
    mut stream: &TcpStream,
    fault: Fault,
    refused: &[&str],
    seen: &Mutex<Seen>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    match fault {
        Fault::NoBanner => return hang(&mut lines),
        Fault::Drip => loop {
            stream.write_all(b"220-wait\r\n")?;
            thread::sleep(Duration::from_millis(10));
        },
        Fault::EndlessLine => {
            stream.write_all(b"220-")?;
            // It ends some time after the test, whose process would grow by it.
            for _ in 0..200 {
                stream.write_all(&[b'x'; 4096])?;
                thread::sleep(Duration::from_millis(10));
            }
            return Ok(());
        }
        _ => stream.write_all(b"220 test\r\n")?,
    }
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        seen.lock().unwrap().commands.push(command.clone());
        match verb.as_str() {
            "EHLO" => stream.write_all(b"250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n")?,
            "AUTH" if fault == Fault::LoginRefused => stream.write_all(b"535 wrong password\r\n")?,
            "AUTH" => stream.write_all(b"235 welcome\r\n")?,
            "RCPT" if refused.iter().any(|one| command.contains(one)) => {
                stream.write_all(b"550 no such user\r\n")?;
            }
            "DATA" if fault == Fault::BusyAtData => stream.write_all(b"421 too busy\r\n")?,
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                let first = take_message(&mut lines, seen)?;
                match fault {
                    Fault::DropAfterDotOnce if first => return stream.shutdown(std::net::Shutdown::Both),
                    Fault::ContentRefused => stream.write_all(b"554 not this\r\n")?,
                    _ => stream.write_all(b"250 taken\r\n")?,
                }
            }
            "QUIT" if fault == Fault::QuitHangs => return hang(&mut lines),
            "QUIT" => return stream.write_all(b"221 bye\r\n"),
            _ => stream.write_all(b"250 ok\r\n")?,
        }
    }
}

/// Whether it was the first one.
fn take_message(lines: &mut impl BufRead, seen: &Mutex<Seen>) -> std::io::Result<bool> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n.\r\n") {
        if lines.read_until(b'\n', &mut message)? == 0 {
            return Ok(false);
        }
    }
    message.truncate(message.len() - 3);
    let messages = &mut seen.lock().unwrap().messages;
    messages.push(message);
    Ok(messages.len() == 1)
}

/// Waits until the client closes.
fn hang(lines: &mut impl BufRead) -> std::io::Result<()> {
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {}
    Ok(())
}

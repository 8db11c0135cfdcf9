//! An SMTP server on a loopback socket that does one thing wrong, and counts what it took.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The moment of a conversation at which something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Banner,
    Ehlo,
    /// As EHLO, where the sender wants STARTTLS.
    StarttlsOffer,
    Starttls,
    Mail,
    /// The envelope of the first recipient alone.
    FirstRecipient,
    Recipient,
    Data,
    /// When a hundred bytes of the message have come.
    Middle,
    /// The message was taken, or not where the answer says so.
    Dot,
    Quit,
}

/// What goes wrong then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Says this instead of what it should, and goes on.
    Says(&'static str),
    /// Says this, and closes.
    SaysAndCloses(&'static str),
    Closes,
    /// Closes with what was sent to it unread, so that the other side sees a reset.
    Resets,
    /// Says nothing, and keeps the connection open.
    Hangs,
    /// This for ever, a little at a time: no single read takes long.
    Drips(&'static str),
}

#[derive(Default)]
pub struct Taken {
    /// Recipient and bytes of each message for which the final dot came and no refusal was said.
    pub messages: Vec<(String, Vec<u8>)>,
    /// Recipients of those whose answer the sender cannot have understood: one for each such time.
    pub ambiguous: Vec<String>,
    pub commands: Vec<String>,
}

pub struct Server {
    pub port: u16,
    taken: Arc<Mutex<Taken>>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(fault: Option<(At, Does)>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (taken, over) = (Arc::new(Mutex::new(Taken::default())), Arc::new(AtomicBool::new(false)));
        let server = Self { port, taken: Arc::clone(&taken), over: Arc::clone(&over) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (taken, over) = (Arc::clone(&taken), Arc::clone(&over));
                // A client that gives up is no failure of this server.
                thread::spawn(move || {
                    drop(Conversation { stream: &stream, fault, taken: &taken, over: &over }.hold());
                });
            }
        });
        server
    }

    pub fn taken<T>(&self, look: impl FnOnce(&Taken) -> T) -> T {
        look(&self.taken.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

struct Conversation<'a> {
    stream: &'a TcpStream,
    fault: Option<(At, Does)>,
    taken: &'a Mutex<Taken>,
    over: &'a AtomicBool,
}

/// Whether the conversation goes on.
type Goes = io::Result<bool>;

impl Conversation<'_> {
    fn hold(&self) -> io::Result<()> {
        let mut lines = BufReader::new(self.stream);
        let mut recipient = String::new();
        if !self.answer(At::Banner, "220 test")? {
            return Ok(());
        }
        if self.fault == Some((At::Ehlo, Does::Resets)) {
            // What was sent and not read makes a reset of the close.
            return self.stream.peek(&mut [0]).map(drop);
        }
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let command = line.trim_end().to_owned();
            self.taken.lock().unwrap().commands.push(command.clone());
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let goes = match verb.as_str() {
                "EHLO" => self.greet()?,
                "STARTTLS" => self.answer(At::Starttls, "454 not now")?,
                "MAIL" => self.answer(At::Mail, "250 ok")?,
                "RCPT" => {
                    command
                        .trim_start_matches("RCPT TO:")
                        .trim_matches(['<', '>'])
                        .clone_into(&mut recipient);
                    let first = command.contains("r0@");
                    self.answer(if first { At::FirstRecipient } else { At::Recipient }, "250 ok")?
                }
                "DATA" if matches!(self.fault, Some((At::Data, _))) => self.answer(At::Data, "")?,
                "DATA" => self.say("354 go on")? && self.take(&mut lines, &recipient)?,
                "QUIT" => return self.answer(At::Quit, "221 bye").map(drop),
                _ => self.say("250 ok")?,
            };
            if !goes {
                return Ok(());
            }
        }
    }

    fn greet(&self) -> Goes {
        let offers = matches!(self.fault, Some((At::Starttls, _)));
        if let Some((At::StarttlsOffer, does)) = self.fault {
            return self.misbehave(does);
        }
        self.answer(At::Ehlo, if offers { "250-test\r\n250 STARTTLS" } else { "250-test\r\n250 8BITMIME" })
    }

    fn take(&self, lines: &mut impl BufRead, recipient: &str) -> Goes {
        let mut message = Vec::new();
        if let Some((At::Middle, does)) = self.fault {
            lines.read_exact(&mut [0; 100])?;
            return self.misbehave(does);
        }
        while !message.ends_with(b"\r\n.\r\n") {
            if lines.read_until(b'\n', &mut message)? == 0 {
                return Ok(false);
            }
        }
        let does = self.fault.filter(|(at, _)| *at == At::Dot).map(|(_, does)| does);
        let refused = matches!(does, Some(Does::Says(text)) if text.starts_with(['4', '5']));
        if !refused {
            let mut taken = self.taken.lock().unwrap();
            taken.messages.push((recipient.to_owned(), message));
            if does.is_some_and(|does| !is_clear(does)) {
                taken.ambiguous.push(recipient.to_owned());
            }
        }
        self.answer(At::Dot, "250 taken")
    }

    /// Says `text`, or does what is wrong at this moment.
    fn answer(&self, at: At, text: &str) -> Goes {
        match self.fault {
            Some((fault, does)) if fault == at || (fault == At::Recipient && at == At::FirstRecipient) => {
                self.misbehave(does)
            }
            Some(_) | None => self.say(text),
        }
    }

    fn say(&self, text: &str) -> Goes {
        let mut stream = self.stream;
        stream.write_all(format!("{text}\r\n").as_bytes())?;
        Ok(true)
    }

    fn misbehave(&self, does: Does) -> Goes {
        match does {
            Does::Says(text) => self.say(text),
            Does::SaysAndCloses(text) => {
                self.say(text)?;
                self.stream.shutdown(Shutdown::Both)?;
                Ok(false)
            }
            Does::Closes | Does::Resets => Ok(false),
            Does::Hangs => self.linger(|| Ok(())),
            Does::Drips(text) => self.linger(|| {
                let mut stream = self.stream;
                stream.write_all(text.as_bytes())
            }),
        }
    }

    /// Until the other side closes or the test is over, now and then doing `each`.
    fn linger(&self, each: impl Fn() -> io::Result<()>) -> Goes {
        let mut stream = self.stream;
        // The pace, and no wait for anything: what comes meanwhile is thrown away.
        stream.set_read_timeout(Some(Duration::from_millis(5)))?;
        while !self.over.load(Ordering::SeqCst) {
            each()?;
            match stream.read(&mut [0; 1024]) {
                Ok(0) => return Ok(false),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// Whether the sender can know that the message was taken.
fn is_clear(does: Does) -> bool {
    matches!(does, Does::Says(text) | Does::SaysAndCloses(text) if text.starts_with("250 "))
}

//! What a mail server may do wrong, from the first byte to the last: no news is lost by it, none is told more often than
//! the sender was left in doubt, and no delivery takes longer than it may.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use backupmon::config::Tls;
use backupmon::notify::smtp::{Patience, Smtp};
use mail_parser::MessageParser;

use crate::smtp::mail;
use crate::troubled::{At, Does, Server};
use crate::world::{World, mail_over};

const BEHAVIOURS: &[(&str, At, Does)] = &[
    ("no banner", At::Banner, Does::Hangs),
    ("a connection that is closed at once", At::Banner, Does::Closes),
    ("a banner a line at a time, without end", At::Banner, Does::Drips("220-wait\r\n")),
    ("a banner a byte at a time, without end", At::Banner, Does::Drips("2")),
    ("a banner that refuses", At::Banner, Does::SaysAndCloses("554 go away")),
    ("a banner that is busy", At::Banner, Does::SaysAndCloses("421 later")),
    ("a banner of another protocol", At::Banner, Does::SaysAndCloses("HTTP/1.1 400 Bad Request")),
    ("a banner that is not UTF-8's", At::Banner, Does::Says("220 \u{fffd}\u{0}")),
    ("EHLO refused", At::Ehlo, Does::Says("502 what?")),
    ("EHLO reset", At::Ehlo, Does::Resets),
    ("EHLO without an answer", At::Ehlo, Does::Hangs),
    ("an answer to EHLO without end", At::Ehlo, Does::Drips("250-x\r\n")),
    ("STARTTLS not offered", At::StarttlsOffer, Does::Says("250-test\r\n250 8BITMIME")),
    ("STARTTLS refused", At::Starttls, Does::Says("454 not now")),
    ("STARTTLS answered with junk", At::Starttls, Does::Says("220 go\r\n220 no TLS at all")),
    ("STARTTLS without an answer", At::Starttls, Does::Hangs),
    ("MAIL put off", At::Mail, Does::Says("451 later")),
    ("MAIL refused", At::Mail, Does::Says("550 not you")),
    ("MAIL without an answer", At::Mail, Does::Hangs),
    ("every RCPT put off", At::Recipient, Does::Says("452 full")),
    ("one RCPT refused", At::FirstRecipient, Does::Says("550 no such user")),
    ("one RCPT and goodbye", At::FirstRecipient, Does::SaysAndCloses("421 too many")),
    ("RCPT without an answer", At::Recipient, Does::Hangs),
    ("busy at DATA", At::Data, Does::SaysAndCloses("421 too busy")),
    ("DATA refused", At::Data, Does::Says("554 no")),
    ("an answer to DATA without end", At::Data, Does::Drips("354-go\r\n")),
    ("dropped in the middle of the message", At::Middle, Does::Closes),
    ("silent in the middle of the message", At::Middle, Does::Hangs),
    ("dropped after the dot", At::Dot, Does::Closes),
    ("silent after the dot", At::Dot, Does::Hangs),
    ("an answer to the dot without end", At::Dot, Does::Drips("250-taken\r\n")),
    ("an answer to the dot that is none", At::Dot, Does::Says("taken, I think")),
    ("put off after the dot", At::Dot, Does::Says("451 later")),
    ("refused after the dot", At::Dot, Does::Says("554 not this")),
    ("taken and goodbye", At::Dot, Does::SaysAndCloses("250 taken")),
    ("QUIT without an answer", At::Quit, Does::Hangs),
    ("closed at QUIT", At::Quit, Does::Closes),
    ("QUIT refused", At::Quit, Does::Says("500 stay")),
];

/// Mails in one run: one for each recipient.
const COUNTS: [usize; 3] = [1, 2, 5];
/// Deliveries before the server is mended.
const TROUBLED: usize = 3;
/// The longest pause between two attempts, and a minute.
const PAUSE: i64 = 6 * 60 + 1;

/// Long enough for a loaded machine where nothing hangs, and short where it does.
fn patience(does: Does) -> Patience {
    let long = Duration::from_secs(30);
    let short = Duration::from_millis(120);
    match does {
        Does::Hangs => Patience { step: short, total: long, farewell: short },
        Does::Drips(_) => Patience { step: long, total: short, farewell: short },
        Does::Says(_) | Does::SaysAndCloses(_) | Does::Closes | Does::Resets => {
            Patience { step: long, total: long, farewell: long }
        }
    }
}

fn recipient(n: usize) -> String {
    format!("r{n}@example.org")
}

/// The incidents of agent `n` are told to recipient `n`, and one more to all of them.
fn world(count: usize) -> World {
    let mut world = World::new();
    world.terms.digest = None;
    world.book.default = (0..count).map(recipient).collect();
    for n in 0..count {
        world.book.by_agent.insert(format!("A{n}"), vec![recipient(n)]);
        world.raise(&format!("A{n}"), "own", "no_report");
    }
    world.raise("EVERYBODY", "shared", "truncated");
    world
}

/// What `one` came to: the copies that were taken, and how many of them the sender could not know of.
fn one(at: At, does: Does, count: usize) -> Result<(usize, usize), String> {
    let server = Server::start(Some((at, does)));
    let mut world = world(count);
    let mut asked = mail(server.port, Tls::None);
    let encrypted = matches!(at, At::StarttlsOffer | At::Starttls);
    if encrypted {
        asked.tls = Tls::Starttls;
    }
    world.channels = mail_over(Smtp::new(&asked, patience(does)));
    let mut sent = 0;
    for _ in 0..TROUBLED {
        let begun = Instant::now();
        let delivery = world.run();
        // Each mail may take its time, and the machine of the tests some more.
        let most = (patience(does).step.min(patience(does).total) + Duration::from_secs(4))
            * u32::try_from(count + 1).unwrap();
        if begun.elapsed() > most {
            return Err(format!("a delivery took {:?}", begun.elapsed()));
        }
        // What nobody is known to have taken is said to be waiting, and the outer watch is told by silence.
        sent += delivery.sent;
        if sent == 0 && delivery.waiting == 0 {
            return Err(format!("lost before the server was mended: {delivery:?}"));
        }
        if delivery.failed > 0 && delivery.errors.len() != delivery.failed {
            return Err(format!("failures that are not told: {delivery:?}"));
        }
        world.wait(PAUSE);
    }
    let clear = server.taken(|taken| taken.commands.iter().any(|command| command.starts_with("MAIL")));
    if encrypted && clear {
        return Err("an envelope went out unencrypted".to_owned());
    }
    // Another server, for what was given up may still go on with this one.
    let mended = Server::start(None);
    (asked.port, asked.tls) = (mended.port, Tls::None);
    let long = Duration::from_secs(30);
    world.channels = mail_over(Smtp::new(&asked, Patience { step: long, total: long, farewell: long }));
    for _ in 0..4 {
        world.run();
        world.wait(PAUSE);
    }
    if !world.waiting().is_empty() {
        return Err(format!("still waiting when all is well: {}", world.waiting().len()));
    }
    told(&[&server, &mended], count)
}

/// I10: of each news each recipient has at least one mail, and at most one more for each time in doubt.
fn told(servers: &[&Server], count: usize) -> Result<(usize, usize), String> {
    let gather = |server: &&Server| server.taken(|taken| (taken.messages.clone(), taken.ambiguous.clone()));
    let (messages, ambiguous): (Vec<_>, Vec<_>) = servers.iter().map(gather).unzip();
    let (messages, ambiguous) = (messages.concat(), ambiguous.concat());
    for n in 0..count {
        let address = recipient(n);
        let doubts = ambiguous.iter().filter(|one| **one == address).count();
        let mut bytes_of: BTreeMap<String, &[u8]> = BTreeMap::new();
        let mut copies: BTreeMap<String, usize> = BTreeMap::new();
        for (_, bytes) in messages.iter().filter(|(to, _)| *to == address) {
            let message = MessageParser::default().parse(bytes).ok_or("no mail at all")?;
            let id = message.message_id().ok_or("no Message-ID")?.to_owned();
            if bytes_of.insert(id, bytes).is_some_and(|before| before != bytes.as_slice()) {
                return Err(format!("{address}: one Message-ID and two mails"));
            }
            let text = message.body_text(0).ok_or("no text")?.into_owned();
            for news in [format!("A{n}/own"), "EVERYBODY/shared".to_owned()] {
                if text.contains(&news) {
                    *copies.entry(news).or_default() += 1;
                }
            }
        }
        for news in [format!("A{n}/own"), "EVERYBODY/shared".to_owned()] {
            let copies = copies.get(&news).copied().unwrap_or_default();
            if copies == 0 || copies > 1 + doubts {
                return Err(format!("{address} was told of {news} {copies} times, with {doubts} in doubt"));
            }
        }
    }
    Ok((messages.len(), ambiguous.len()))
}

#[test]
fn no_trouble_of_a_mail_server_loses_or_multiplies_news() {
    let mut scenarios: Vec<_> =
        BEHAVIOURS.iter().flat_map(|behaviour| COUNTS.map(|count| (*behaviour, count))).collect();
    let tried = scenarios.len();
    scenarios.reverse();
    let scenarios = Mutex::new(scenarios);
    let outcomes = Mutex::new((Vec::new(), 0, 0));
    let next = || scenarios.lock().unwrap().pop();
    thread::scope(|scope| {
        // Most of the time they wait for a server that says nothing.
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(((name, at, does), count)) = next() {
                    let outcome = one(at, does, count);
                    let mut outcomes = outcomes.lock().unwrap();
                    match outcome {
                        Ok((messages, ambiguous)) => {
                            (outcomes.1, outcomes.2) = (outcomes.1 + messages, outcomes.2 + ambiguous);
                        }
                        Err(fault) => outcomes.0.push(format!("{name}, {count} recipients: {fault}")),
                    }
                }
            });
        }
    });
    let (faults, messages, ambiguous) = outcomes.into_inner().unwrap();
    println!(
        "mail: {} behaviours of a server x {} counts of mails, {} of {tried} survived; {messages} mails taken, {ambiguous} in doubt",
        BEHAVIOURS.len(),
        COUNTS.len(),
        tried - faults.len()
    );
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

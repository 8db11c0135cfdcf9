//! Mail as it reaches a server on loopback.

#[path = "../notify/misbehaving.rs"]
#[expect(dead_code, reason = "shared with the tests of `notify`, which need more of it")]
mod misbehaving;

use mail_parser::MessageParser;
pub use misbehaving::{Fault, Server};

/// The `[mail]` section for that server: to one operator, and no digest between the mails.
pub fn section(port: u16) -> String {
    format!(
        "[mail]\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'backupmon@example.org'\nto = ['ops@example.org']\ndigest = 'off'\n"
    )
}

/// Subject and text of all that the server took, oldest first.
pub fn taken(server: &Server) -> Vec<(String, String)> {
    let messages = server.seen(|seen| seen.messages.clone());
    let read = |bytes: &Vec<u8>| {
        let message = MessageParser::default().parse(bytes).unwrap();
        (message.subject().unwrap().to_owned(), message.body_text(0).unwrap().into_owned())
    };
    messages.iter().map(read).collect()
}

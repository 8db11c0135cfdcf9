//! Dumps that are what their report says, and not what they used to be.

use super::{Operation, Writer};
use crate::calendar::{DAY, MINUTE, Seconds};
use crate::deposit::Blob;
use crate::fleet::Database;

/// After so many good ones it is sure that there is something to compare with.
const ESTABLISHED: usize = 12;

impl Writer<'_> {
    /// What a dump of the database is at that time.
    pub(super) fn next_blob(&mut self, database: &Database, at: Seconds) -> Blob {
        let encrypted = self.agent.recognised && super::within(&self.spells.encrypted, at);
        let is_small = self.small.contains(&database.name);
        if !encrypted && !is_small {
            return self.new_blob();
        }
        self.fault("held", &database.name, at - DAY, None, at + 4 * DAY);
        if is_small { self.small_blob() } else { self.unknown_blob() }
    }

    /// One database's dump is almost nothing: once, or from now on.
    pub(super) fn shrunken(&mut self, operation: &Operation) {
        let Some(database) = self.one_of(operation) else { return self.plain(operation) };
        let name = database.name.clone();
        let cleans = self.script.clean.get(&(self.number, name.clone())).map_or(0, Vec::len);
        if cleans >= ESTABLISHED && !self.small.contains(&name) {
            let known = operation.ended + 6 * MINUTE;
            self.fault("held", &name, operation.ended, Some(known), known + 5 * MINUTE);
        }
        let stays = self.rng.per_mille(400);
        let was_small = !self.small.insert(name.clone());
        self.plain(operation);
        if !stays && !was_small {
            self.small.remove(&name);
        }
    }
}

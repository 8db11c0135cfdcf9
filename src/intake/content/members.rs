//! Several gzip members or bzip2 streams one after another, as `cat a.gz b.gz`, `pigz` and `pbzip2` make them.

use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;

/// A decoder of one member that leaves its reader exactly behind it.
pub(super) trait Member<R>: Read {
    fn begin(packed: R) -> Self;
    fn into_packed(self) -> R;
}

impl<R: BufRead> Member<R> for GzDecoder<R> {
    fn begin(packed: R) -> Self {
        GzDecoder::new(packed)
    }
    fn into_packed(self) -> R {
        self.into_inner()
    }
}

impl<R: BufRead> Member<R> for BzDecoder<R> {
    fn begin(packed: R) -> Self {
        BzDecoder::new(packed)
    }
    fn into_packed(self) -> R {
        self.into_inner()
    }
}

/// All members as one stream. Zero bytes after the last one are tolerated, as gzip and bzip2 do, for tapes and block
/// devices pad with them; anything else there is damage, for it is what a shorter file written over a longer one leaves.
pub(super) struct Members<R, M> {
    at: Option<At<R, M>>,
}

enum At<R, M> {
    In(M),
    Between(R),
}

impl<R: BufRead, M: Member<R>> Members<R, M> {
    pub fn new(packed: R) -> Self {
        Self { at: Some(At::In(M::begin(packed))) }
    }

    fn next(mut packed: R) -> io::Result<Option<M>> {
        match packed.fill_buf()?.first() {
            None => Ok(None),
            Some(0) => only_zeros_left(&mut packed).map(|()| None),
            Some(_) => Ok(Some(M::begin(packed))),
        }
    }
}

fn only_zeros_left(packed: &mut impl BufRead) -> io::Result<()> {
    loop {
        let rest = packed.fill_buf()?;
        if rest.is_empty() {
            return Ok(());
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "something follows after its end"));
        }
        let count = rest.len();
        packed.consume(count);
    }
}

impl<R: BufRead, M: Member<R>> Read for Members<R, M> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            match self.at.take() {
                None => return Ok(0),
                Some(At::Between(packed)) => self.at = Self::next(packed)?.map(At::In),
                Some(At::In(mut member)) => match member.read(out)? {
                    0 => self.at = Some(At::Between(member.into_packed())),
                    count => {
                        self.at = Some(At::In(member));
                        return Ok(count);
                    }
                },
            }
        }
    }
}

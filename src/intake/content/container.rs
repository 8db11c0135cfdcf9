//! The containers that are opened, told by their magic bytes, and their decoders.

use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;

use super::members::Members;

/// Memory that a decoder may take for its window, in bytes: what `zstd --long` and `--ultra -22` use. Ordinary levels
/// take 8 MiB and less.
pub(super) const MAX_WINDOW: u64 = 1 << MAX_WINDOW_LOG;
const MAX_WINDOW_LOG: u32 = 27;
/// liblzma counts its own tables too.
const XZ_MEMORY: u64 = MAX_WINDOW + (1 << 20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}

impl Container {
    /// By the first bytes.
    pub fn recognise(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 0x08, ..] => Some(Self::Gzip),
            // A skippable frame may come first: pzstd and seekable formats write them.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Self::Bzip2),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Bzip2 => "bzip2",
        }
    }

    /// A reader that ends well only at the end of `packed`, with all members, streams or frames whole.
    pub fn open<'a>(self, packed: &'a mut dyn BufRead) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(Members::<_, GzDecoder<_>>::new(packed)),
            Self::Bzip2 => Box::new(Members::<_, BzDecoder<_>>::new(packed)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(MAX_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Self::Xz => {
                let flags = liblzma::stream::CONCATENATED;
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, flags)?;
                Box::new(XzDecoder::new_stream(packed, stream))
            }
        })
    }
}

/// Whether a decoder refused because its window would be larger than [`MAX_WINDOW`].
pub(super) fn wants_too_much_memory(error: &io::Error) -> bool {
    /// libzstd's name of `ZSTD_error_frameParameter_windowTooLarge`, of which the binding keeps only the text.
    const ZSTD: &str = "Frame requires too much memory for decoding";
    let inner = error.get_ref();
    let xz = inner.and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>());
    matches!(xz, Some(liblzma::stream::Error::MemLimit | liblzma::stream::Error::Mem))
        || inner.is_some_and(|inner| inner.to_string() == ZSTD)
}

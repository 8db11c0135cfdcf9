//! One view, all outputs: they agree, nothing is vacuously green, and no name gets out of its text.
//!
//! The fleets here are values; nothing reads a file but the published schemas.

mod agree;
mod claims;
mod fleet;
mod hostile;
mod places;
mod shapes;
mod site;
mod space;
mod verdict;

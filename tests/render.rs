//! One view, all outputs: they agree, nothing is vacuously green, and no name gets out of its text.
//!
//! The fleets here are values; nothing reads a file but the published schemas.

#[path = "render/agree.rs"]
mod agree;
#[path = "render/fleet.rs"]
mod fleet;
#[path = "render/hostile.rs"]
mod hostile;
#[path = "render/shapes.rs"]
mod shapes;
#[path = "render/site.rs"]
mod site;
#[path = "render/verdict.rs"]
mod verdict;

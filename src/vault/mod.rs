//! Versions on disk: promotion, `current_version`, recovery, verification, restore (SPEC section 7).

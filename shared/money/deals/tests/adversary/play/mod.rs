//! Plays in which one or two cheat and the others are honest or silent. Nobody may end with more than is theirs.
//!
//! | module | what it is |
//! |---|---|
//! | [`cast`] | everybody who could cheat |
//! | [`setup`] | the terms and what really happens, drawn |
//! | [`world`] | the deal, the clock, and what the network does |
//! | [`honest`] | what honest people do |
//! | [`moves`] | every move, with the values of [`dice`], ordinary and extreme |
//! | [`stages`] | deals at each stage of their life |
//! | [`cheat`] | how cheats choose among them |
//! | [`words`] | what was said and confirmed, kept apart from the rules; [`holds`] a deal to it |
//! | [`money`] | the most that anybody may have, in plain arithmetic |

pub mod cast;
pub mod cheat;
pub mod dice;
pub mod holds;
pub mod honest;
pub mod money;
pub mod moves;
pub mod setup;
pub mod stages;
pub mod words;
pub mod world;

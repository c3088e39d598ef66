//! A room as a client holds it. Each entry is shown once, entries that come early wait, and a gap is never passed over.

use std::collections::BTreeMap;

use inventure_core::RoomId;
use uuid::Uuid;

use crate::{Entry, HistoryLost, Position, RoomState};

/// The effect on the view of an entry that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Entries can be shown now that could not before, as many as the number says.
    Shown(usize),
    /// The entry is known already.
    Known,
    /// The entry waits: entries before it are missing. Ask for them with `resume`.
    Gap,
    /// The entry is of another epoch. Ask with `resume` where to go on.
    OtherEpoch,
}

/// A room's entries in order, from some offset on and without gaps.
#[derive(Debug, Clone, Default)]
pub struct RoomView {
    epoch: Option<Uuid>,
    shown: Vec<Entry>,
    next: u64,
    early: BTreeMap<u64, Entry>,
}

impl RoomView {
    /// Returns the position of the view in the room, to resume from.
    #[must_use]
    pub fn position(&self, room: RoomId) -> Position {
        Position {
            room,
            epoch: self.epoch,
            offset: self.next.saturating_sub(1),
        }
    }

    /// Returns the entries, in order.
    #[must_use]
    pub fn shown(&self) -> &[Entry] {
        &self.shown
    }

    /// Takes the answer to a `resume`, and returns where the history was lost, if it was. Entries may be missing still: `more` says
    /// so.
    pub fn resumed(&mut self, state: &RoomState) -> Option<HistoryLost> {
        let lost = state.lost.clone();
        if lost.is_some() || self.epoch != Some(state.epoch) {
            *self = Self::default();
            self.epoch = Some(state.epoch);
            // Where they begin and not where the first of them is: an answer that was full may have none, and all are to come.
            self.next = state.from + 1;
        }
        for entry in &state.entries {
            let _ = self.take(entry.clone());
        }
        lost
    }

    /// Takes an entry that came.
    pub fn take(&mut self, entry: Entry) -> Step {
        if self.epoch != Some(entry.epoch) {
            return Step::OtherEpoch;
        }
        if entry.offset < self.next || self.early.contains_key(&entry.offset) {
            return Step::Known;
        }
        self.early.insert(entry.offset, entry);
        let before = self.shown.len();
        while let Some(entry) = self.early.remove(&self.next) {
            self.shown.push(entry);
            self.next += 1;
        }
        match self.shown.len() - before {
            0 => Step::Gap,
            shown => Step::Shown(shown),
        }
    }
}

#[cfg(test)]
mod tests {
    use inventure_core::MemberId;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::Content;

    fn entry(offset: u64, epoch: Uuid) -> Entry {
        Entry {
            room: RoomId::from_uuid(Uuid::nil()),
            epoch,
            offset,
            at: Timestamp::UNIX_EPOCH,
            sender: MemberId::from_uuid(Uuid::nil()),
            message: Uuid::nil(),
            content: Content::Erased {},
        }
    }

    fn state(entries: std::ops::Range<u64>, last: u64, lost: Option<u64>) -> RoomState {
        let from = lost.unwrap_or(entries.start - 1);
        RoomState {
            room: RoomId::from_uuid(Uuid::nil()),
            epoch: Uuid::nil(),
            from,
            last,
            entries: entries.map(|offset| entry(offset, Uuid::nil())).collect(),
            more: false,
            lost: lost.map(|resume_from| HistoryLost { resume_from }),
            cursors: Vec::new(),
            present: Vec::new(),
        }
    }

    fn offsets(view: &RoomView) -> Vec<u64> {
        view.shown().iter().map(|entry| entry.offset).collect()
    }

    #[test]
    fn what_comes_early_waits_and_what_comes_twice_is_known() {
        let mut view = RoomView::default();
        assert_eq!(
            view.take(entry(1, Uuid::nil())),
            Step::OtherEpoch,
            "nothing is known of the room"
        );
        assert_eq!(view.resumed(&state(1..3, 2, None)), None);
        assert_eq!(view.take(entry(5, Uuid::nil())), Step::Gap);
        assert_eq!(view.take(entry(2, Uuid::nil())), Step::Known);
        assert_eq!(view.take(entry(3, Uuid::nil())), Step::Shown(1));
        assert_eq!(view.position(RoomId::from_uuid(Uuid::nil())).offset, 3);
        assert_eq!(view.take(entry(4, Uuid::nil())), Step::Shown(2));
        assert_eq!(offsets(&view), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_did_not_fit_into_the_answer_is_asked_for_and_not_passed_over() {
        let mut view = RoomView::default();
        // Forty of fifty-five came before; the frame had no room for any of this room's.
        let mut full = state(16..16, 55, None);
        full.more = true;
        let _ = view.resumed(&full);
        assert_eq!(view.position(RoomId::from_uuid(Uuid::nil())).offset, 15);
        assert_eq!(view.take(entry(56, Uuid::nil())), Step::Gap);
        let _ = view.resumed(&state(16..56, 56, None));
        assert_eq!(offsets(&view), (16..=56).collect::<Vec<_>>());
    }

    #[test]
    fn a_lost_history_begins_anew() {
        let mut view = RoomView::default();
        let _ = view.resumed(&state(1..10, 9, None));
        assert!(view.resumed(&state(4..7, 6, Some(3))).is_some());
        assert_eq!(offsets(&view), [4, 5, 6]);
        assert_eq!(view.take(entry(7, Uuid::nil())), Step::Shown(1));
    }

    proptest! {
        #[test]
        fn in_whatever_order_and_however_often(order in proptest::collection::vec(1_u64..=20, 0..200)) {
            let mut view = RoomView::default();
            let _ = view.resumed(&state(1..1, 0, None));
            for offset in order {
                let _ = view.take(entry(offset, Uuid::nil()));
                let shown = offsets(&view);
                prop_assert_eq!(&shown, &(1..=shown.len() as u64).collect::<Vec<_>>());
            }
            let offset = view.position(RoomId::from_uuid(Uuid::nil())).offset;
            let _ = view.resumed(&state(offset + 1..21, 20, None));
            prop_assert_eq!(offsets(&view), (1..=20).collect::<Vec<_>>());
        }
    }
}

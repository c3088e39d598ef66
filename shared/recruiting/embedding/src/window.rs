//! Cuts a long text into windows.

use std::ops::Range;

/// The number of word pieces of text in one window. The model was trained to read 256, two of which mark the beginning and the
/// end.
pub const WINDOW_PIECES: usize = 254;

/// The least number of pieces that neighbouring windows share, so that no phrase is only ever seen cut in two.
const OVERLAP_PIECES: usize = 32;

/// The most windows that one text is read in; about three seconds of one core.
pub const MAX_WINDOWS: usize = 64;

/// The most word pieces of one text: [`MAX_WINDOWS`] windows with the least overlap, 14,240.
pub const MAX_PIECES: usize = OVERLAP_PIECES + MAX_WINDOWS * (WINDOW_PIECES - OVERLAP_PIECES);

/// Returns the windows over `pieces` word pieces, evenly spaced and all of the same length. A short rest at the end would
/// otherwise weigh as much as a full window. `None` if it would take more than [`MAX_WINDOWS`].
pub(crate) fn windows(pieces: usize) -> Option<impl Iterator<Item = Range<usize>>> {
    let length = pieces.min(WINDOW_PIECES);
    let slack = pieces - length;
    let count = 1 + slack.div_ceil(WINDOW_PIECES - OVERLAP_PIECES);
    (count <= MAX_WINDOWS).then(|| {
        (0..count).map(move |index| {
            let start = if count == 1 { 0 } else { index * slack / (count - 1) };
            start..start + length
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_everything_and_overlap() {
        for pieces in (1..600).chain([MAX_PIECES - 1, MAX_PIECES]) {
            let windows: Vec<_> = windows(pieces).unwrap().collect();
            assert!(windows.len() <= MAX_WINDOWS);
            assert_eq!((windows[0].start, windows[windows.len() - 1].end), (0, pieces));
            assert!(windows.iter().all(|window| window.len() == pieces.min(WINDOW_PIECES)));
            assert!(
                windows
                    .windows(2)
                    .all(|pair| pair[0].end >= pair[1].start + OVERLAP_PIECES),
                "{pieces}"
            );
        }
    }

    #[test]
    fn a_text_that_needs_more_windows_has_none() {
        assert!(windows(MAX_PIECES + 1).is_none());
    }
}

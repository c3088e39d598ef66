//! Segments, deltas and compaction.

use std::{collections::BTreeMap, sync::Arc};

use inventure_ranking::{Delta, Document, Entry, Index, Segment, compact, rank};

use crate::{MODEL, TODAY, candidate, job, pool, visible};

fn segment(documents: &[Document]) -> Arc<Segment> {
    Arc::new(Segment::build(documents, BTreeMap::new(), MODEL))
}

fn put(document: Document) -> Entry {
    Entry::Put(Box::new(document))
}

fn ids(index: &Index) -> Vec<(String, u64)> {
    rank(index, &job(), &visible(), 10, TODAY)
        .into_iter()
        .map(|found| (found.id, found.version))
        .collect()
}

fn at(version: u64, document: Document) -> Document {
    Document { version, ..document }
}

#[test]
fn the_newest_version_wins_wherever_it_lies() {
    let [old, new] = [1, 5].map(|version| at(version, pool().remove(0)));
    let parts = [segment(std::slice::from_ref(&old)), segment(&[new])];
    for segments in [parts.to_vec(), parts.iter().rev().cloned().collect()] {
        let mut index = Index::new(MODEL, segments).unwrap();
        assert_eq!(ids(&index), [("can_a".to_owned(), 5)]);
        index.apply([put(at(3, old.clone()))]);
        assert_eq!(ids(&index), [("can_a".to_owned(), 5)], "an old write came late");
        index.apply([put(at(6, old.clone()))]);
        assert_eq!(ids(&index), [("can_a".to_owned(), 6)]);
    }
}

#[test]
fn removal_holds_against_late_writes() {
    let mut index = Index::new(MODEL, vec![segment(&pool())]).unwrap();
    index.apply([Entry::Remove {
        id: "can_a".into(),
        version: 4,
    }]);
    assert!(!ids(&index).iter().any(|(id, _)| id == "can_a"));
    assert_eq!(index.len(), 3);
    index.apply([put(at(3, pool().remove(0)))]);
    assert_eq!(index.len(), 3, "version 3 came back after its removal by 4");
    index.apply([put(at(5, pool().remove(0)))]);
    assert_eq!(index.len(), 4);
}

#[test]
fn a_delta_does_not_depend_on_order_or_repetition() {
    let first = pool().remove(0);
    let entries = [
        put(at(2, first.clone())),
        put(at(3, first.clone())),
        put(at(3, candidate("can_a", "Plumber", "pipes", &[], 40))),
        Entry::Remove {
            id: "can_b".into(),
            version: 3,
        },
        put(at(3, candidate("can_b", "Baker", "bread", &[], 30))),
    ];
    let ranked = |order: &[usize]| {
        let mut index = Index::new(MODEL, vec![segment(&pool())]).unwrap();
        for entry in order {
            index.apply([entries[*entry].clone()]);
        }
        rank(&index, &job(), &visible(), 10, TODAY)
    };
    let once = ranked(&[0, 1, 2, 3, 4]);
    assert_eq!(once.len(), 3);
    for order in [[4, 3, 2, 1, 0], [2, 4, 0, 3, 1], [1, 0, 4, 2, 3]] {
        assert_eq!(ranked(&order), once, "{order:?}");
    }
    assert_eq!(ranked(&[0, 0, 1, 2, 3, 4, 4, 3, 2, 1, 0]), once);
}

#[test]
fn compaction_changes_where_things_lie_and_nothing_else() {
    let more = vec![
        candidate("can_0", "Rust Developer", "rust embedded", &["rust", "c"], 5),
        at(2, pool().remove(2)),
    ];
    let segments = vec![segment(&pool()), segment(&more)];
    let mut delta = Delta::default();
    delta.apply(put(at(7, pool().remove(1))));
    delta.apply(Entry::Remove {
        id: "can_d".into(),
        version: 9,
    });
    let compacted = compact(&segments, &delta, MODEL);

    let reread = Segment::from_bytes(compacted.to_bytes().to_vec()).unwrap();
    assert_eq!(reread.to_bytes(), compacted.to_bytes());
    let built = [
        more[0].clone(),
        more[1].clone(),
        pool().remove(0),
        at(7, pool().remove(1)),
    ];
    let built = Segment::build(&built, BTreeMap::from([("can_d".to_owned(), 9)]), MODEL);
    let ranked = |segment: Segment| {
        let index = Index::new(MODEL, vec![Arc::new(segment)]).unwrap();
        let scores = rank(&index, &job(), &visible(), 10, TODAY).into_iter();
        scores
            .map(|found| (found.id, found.version, found.score.to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(ranked(reread), ranked(built));

    // The tombstone is still there: a late write of the removed document stays out.
    let mut index = Index::new(MODEL, vec![Arc::new(compacted)]).unwrap();
    index.apply([put(at(8, pool().remove(3)))]);
    assert_eq!(index.len(), 4);
}

#[test]
fn vectors_of_another_model_are_not_mixed_in() {
    let other = Arc::new(Segment::build(&pool(), BTreeMap::new(), "other-model"));
    assert!(Index::new(MODEL, vec![Arc::clone(&other)]).is_err());
    let compacted = compact(&[other], &Delta::default(), MODEL);
    let index = Index::new(MODEL, vec![Arc::new(compacted)]).unwrap();
    let found = rank(&index, &job(), &visible(), 1, TODAY).remove(0);
    assert!(!found.features[0].known, "{:?}", found.features[0]);
}

#[test]
fn garbage_is_an_error_and_never_a_panic() {
    let good = segment(&pool()).to_bytes().to_vec();
    assert!(Segment::from_bytes(Vec::new()).is_err());
    for cut in (0..good.len()).step_by(37) {
        assert!(Segment::from_bytes(good[..cut].to_vec()).is_err(), "{cut}");
    }
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 0x41;
        assert!(
            Segment::from_bytes(bytes).is_err(),
            "byte {at} was changed and nobody saw it"
        );
    }
    // A forged checksum: whatever still loads must search without a panic.
    let mut loaded = 0;
    for at in 16..good.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            let checksum = crc32fast::hash(&bytes[16..]);
            bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
            if let Ok(segment) = Segment::from_bytes(bytes) {
                loaded += 1;
                let segment = Arc::new(segment);
                let _ = compact(&[Arc::clone(&segment)], &Delta::default(), MODEL);
                if let Ok(index) = Index::new(MODEL, vec![segment]) {
                    let _ = rank(&index, &job(), &visible(), 10, TODAY);
                }
            }
        }
    }
    assert!(loaded > 0, "no forged segment loaded, so nothing was tried");
}

#[test]
fn segments_and_documents_of_the_formats_before_are_read_and_written_anew() {
    // Format 1 is from before documents said how long they may be shown, format 2 from before titles had vectors.
    let segments: [&[u8]; 2] = [
        include_bytes!("../data/segment-1.bin"),
        include_bytes!("../data/segment-2.bin"),
    ];
    let documents: [&[u8]; 2] = [
        include_bytes!("../data/document-1.bin"),
        include_bytes!("../data/document-2.bin"),
    ];
    let without_titles = |document: Document| Document {
        titles: Vec::new(),
        ..document
    };
    let pool: Vec<Document> = pool().into_iter().map(without_titles).collect();
    for (format, (old, document)) in (1..).zip(segments.into_iter().zip(documents)) {
        assert_eq!(Document::from_bytes(document), Ok(pool[0].clone()), "{format}");
        let old = Segment::from_bytes(old.to_vec()).unwrap();
        assert_eq!(old.to_bytes()[8], format);
        let found = |segment: &Arc<Segment>| {
            let index = Index::new(MODEL, vec![Arc::clone(segment)]).unwrap();
            let found = rank(&index, &job(), &visible(), 10, TODAY).into_iter();
            found.map(|found| (found.id, found.score.to_bits())).collect::<Vec<_>>()
        };
        let (old, whole) = (Arc::new(old), segment(&pool));
        assert_eq!(found(&old).len(), 4);
        assert_eq!(found(&old), found(&whole));
        let anew = compact(&[old], &Delta::default(), MODEL);
        assert_eq!(anew.to_bytes()[8], 3, "the format of today");
        assert_eq!(anew.tombstones().get("can_gone"), Some(&3));
        let anew = Arc::new(Segment::from_bytes(anew.to_bytes().to_vec()).unwrap());
        assert_eq!(found(&anew), found(&whole));
    }
}

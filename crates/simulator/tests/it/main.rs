//! The simulator checked by itself: a few seeds, the same trace twice, and faults that are seen.

use simulator::{Run, run};

/// Small enough for every run of the tests; `cargo xtask sim` runs thousands.
const SEEDS: u64 = 5;

#[test]
fn the_same_seed_leaves_the_same_trace_to_the_byte() {
    for seed in 1..=SEEDS {
        let this = Run {
            keep_trace: true,
            ..Run::of(seed)
        };
        let (one, two) = (run(&this).unwrap(), run(&this).unwrap());
        assert!(!one.trace.is_empty());
        let differs = one
            .trace
            .lines()
            .zip(two.trace.lines())
            .find(|(one, two)| one != two);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.trace_hash, two.trace_hash, "seed {seed}");
    }
}

#[test]
fn another_seed_leaves_another_trace() {
    let hash = |seed| run(&Run::of(seed)).unwrap().trace_hash;
    assert_ne!(hash(1), hash(2));
}

#[test]
fn a_seed_has_orders_payments_refunds_and_no_violation() {
    let (mut paid, mut refunds) = (0, 0);
    for seed in 1..=SEEDS {
        let outcome = run(&Run::of(seed)).unwrap();
        assert_eq!(outcome.violation, None, "seed {seed}");
        paid += outcome.paid;
        refunds += outcome.refunds;
    }
    assert!(paid > 100 && refunds > 20, "{paid} paid, {refunds} refunds");
}

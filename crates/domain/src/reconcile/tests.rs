use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn fen(amount: i64) -> Fen {
    Fen::new(amount).unwrap()
}

fn subject(number: &str) -> Subject {
    match number.strip_prefix('R') {
        Some(rest) => Subject::refund(
            TransactionId::new(format!("420{rest}")).unwrap(),
            RefundNo::new(number).unwrap(),
        ),
        None => Subject::payment(TransactionId::new(format!("420{number}")).unwrap()),
    }
}

fn billed(number: &str, amount: i64) -> BillEntry {
    BillEntry {
        subject: subject(number),
        order_no: format!("order-{number}"),
        amount: fen(amount),
    }
}

fn booked(number: &str, amount: i64) -> BookEntry {
    BookEntry {
        subject: subject(number),
        order_no: format!("order-{number}"),
        amount: fen(amount),
    }
}

/// Differences as `kind number billed booked`.
fn words(outcome: &Outcome) -> Vec<String> {
    let amount = |fen: Option<Fen>| fen.map_or("-".to_owned(), |fen| fen.get().to_string());
    let differences = outcome.differences.iter();
    differences
        .map(|it| {
            let (billed, booked) = (amount(it.kind.billed()), amount(it.kind.booked()));
            format!(
                "{} {} {billed} {booked}",
                it.kind_name(),
                it.subject.number()
            )
        })
        .collect()
}

/// A case: its name, the bill, the books, what is found out besides, the differences, and how many
/// strays.
type Case = (
    &'static str,
    Vec<BillEntry>,
    Vec<BookEntry>,
    Vec<(Subject, Found)>,
    &'static [&'static str],
    usize,
);

fn check(cases: Vec<Case>) {
    for (case, bill, books, others, expected, strays) in cases {
        let outcome = reconcile(bill.clone(), books.clone(), &others);
        assert_eq!(words(&outcome), expected, "{case}");
        assert_eq!(outcome.strays.len(), strays, "{case}");
        let backwards = reconcile(bill.into_iter().rev(), books.into_iter().rev(), &others);
        assert_eq!(backwards, outcome, "{case}, backwards");
    }
}

#[test]
fn what_is_in_one_and_not_alike_in_the_other_is_a_difference() {
    let pay = |amount| vec![billed("1", amount)];
    let refund = |amount| vec![billed("R1", amount)];
    let paid = |amount| vec![booked("1", amount)];
    let refunded = |amount| vec![booked("R1", amount)];
    check(vec![
        ("nothing", vec![], vec![], vec![], &[], 0),
        ("alike", pay(5), paid(5), vec![], &[], 0),
        ("a refund alike", refund(5), refunded(5), vec![], &[], 0),
        (
            "unknown",
            pay(5),
            vec![],
            vec![],
            &["payment_unknown 4201 5 -"],
            1,
        ),
        (
            "refund unknown",
            refund(5),
            vec![],
            vec![],
            &["refund_unknown R1 5 -"],
            1,
        ),
        (
            "not billed",
            vec![],
            paid(5),
            vec![],
            &["payment_missing 4201 - 5"],
            0,
        ),
        (
            "refund not billed",
            vec![],
            refunded(5),
            vec![],
            &["refund_missing R1 - 5"],
            0,
        ),
        (
            "another amount",
            pay(5),
            paid(6),
            vec![],
            &["payment_differs 4201 5 6"],
            0,
        ),
        (
            "refund of another",
            refund(5),
            refunded(6),
            vec![],
            &["refund_differs R1 5 6"],
            0,
        ),
    ]);
}

#[test]
fn a_refund_under_its_number_for_another_payment_is_another_refund() {
    let other = Subject::refund(
        TransactionId::new("9").unwrap(),
        RefundNo::new("R1").unwrap(),
    );
    let of_another_payment = vec![BillEntry {
        subject: other,
        ..billed("R1", 5)
    }];
    let both = &["refund_missing R1 - 5", "refund_unknown R1 5 -"];
    check(vec![(
        "a refund of another payment",
        of_another_payment,
        vec![booked("R1", 5)],
        vec![],
        both,
        1,
    )]);
}

#[test]
fn what_the_day_does_not_explain_may_be_explained_otherwise() {
    let other_day = |amount| vec![(subject("1"), Found::OtherDay(booked("1", amount)))];
    let known = vec![(subject("1"), Found::Known)];
    let beside = vec![(subject("1"), Found::OtherDay(booked("2", 5)))];
    let pay = || vec![billed("1", 5)];
    check(vec![
        ("of another day", pay(), vec![], other_day(5), &[], 1),
        (
            "and amount",
            pay(),
            vec![],
            other_day(4),
            &["payment_differs 4201 5 4"],
            1,
        ),
        ("an exception", pay(), vec![], known, &[], 1),
        (
            "something else",
            pay(),
            vec![],
            beside,
            &["payment_unknown 4201 5 -"],
            1,
        ),
    ]);
}

#[test]
fn what_is_billed_more_than_once_is_told_of_once_and_beside_the_rest() {
    let rows = |number, amounts: &[i64]| {
        let rows = amounts.iter().map(|amount| billed(number, *amount));
        rows.collect::<Vec<_>>()
    };
    let (ours, ours_of_refund) = (vec![booked("1", 5)], vec![booked("R1", 5)]);
    let differs = &["payment_differs 4201 7 5", "payment_twice 4201 5 -"];
    let unknown = &["payment_twice 4201 5 -", "payment_unknown 4201 5 -"];
    let thrice = rows("R1", &[5, 5, 5]);
    check(vec![
        (
            "alike",
            thrice,
            ours_of_refund,
            vec![],
            &["refund_twice R1 5 -"],
            0,
        ),
        (
            "once with another amount",
            rows("1", &[7, 5]),
            ours,
            vec![],
            differs,
            0,
        ),
        ("unknown", rows("1", &[7, 5]), vec![], vec![], unknown, 1),
    ]);
}

#[test]
fn a_kind_is_kept_as_its_name_and_amounts() {
    let outcome = reconcile(
        [
            billed("1", 1),
            billed("2", 2),
            billed("2", 2),
            billed("R3", 3),
        ],
        [booked("2", 9), booked("R4", 4)],
        &[],
    );
    assert_eq!(outcome.differences.len(), 5);
    for difference in outcome.differences {
        let kind = difference.kind;
        let read = DifferenceKind::from_name(difference.kind_name(), kind.billed(), kind.booked());
        assert_eq!(read, Some(kind));
    }
    assert_eq!(
        DifferenceKind::from_name("payment_unknown", None, None),
        None
    );
    assert_eq!(DifferenceKind::from_name("fine", Some(fen(1)), None), None);
}

/// Bills and books over few numbers and amounts, so that they meet in every way.
fn rows() -> impl Strategy<Value = Vec<(String, i64)>> {
    let number = (0..6_u8, any::<bool>())
        .prop_map(|(number, refund)| format!("{}{number}", if refund { "R" } else { "" }));
    proptest::collection::vec((number, 1..4_i64), 0..14)
}

/// What must be found, by counting.
fn expected(bill: &[(String, i64)], books: &BTreeMap<String, i64>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let numbers: BTreeSet<&String> = bill
        .iter()
        .map(|(number, _)| number)
        .chain(books.keys())
        .collect();
    for number in numbers {
        let rows: Vec<i64> = bill
            .iter()
            .filter(|row| row.0 == *number)
            .map(|row| row.1)
            .collect();
        let what = subject(number).word();
        let mut add =
            |kind: &str| found.insert(format!("{what}_{kind} {}", subject(number).number()));
        match (rows.as_slice(), books.get(number)) {
            ([], Some(_)) => drop(add("missing")),
            ([_, ..], None) => drop(add("unknown")),
            (rows, Some(ours)) if rows.iter().any(|amount| amount != ours) => drop(add("differs")),
            (_, _) => {}
        }
        if rows.len() > 1 {
            add("twice");
        }
    }
    found
}

proptest! {
    #[test]
    fn each_difference_is_found_once_in_whichever_order_the_rows_come(
        (bill, shuffled) in rows()
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        books in rows(),
    ) {
        let books: BTreeMap<String, i64> = books.into_iter().collect();
        let of = |rows: &[(String, i64)]| reconcile(
            rows.iter().map(|(number, amount)| billed(number, *amount)).collect::<Vec<_>>(),
            books.iter().map(|(number, amount)| booked(number, *amount)).collect::<Vec<_>>(),
            &[],
        );
        let outcome = of(&bill);
        prop_assert_eq!(&of(&shuffled), &outcome);
        let named: Vec<String> = outcome
            .differences
            .iter()
            .map(|it| format!("{} {}", it.kind_name(), it.subject.number()))
            .collect();
        let once: BTreeSet<String> = named.iter().cloned().collect();
        prop_assert_eq!(once.len(), named.len(), "found twice");
        prop_assert_eq!(once, expected(&bill, &books));
    }
}

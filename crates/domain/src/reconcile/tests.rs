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

#[test]
fn the_table() {
    let other_day = |number, amount| (subject(number), Found::OtherDay(booked(number, amount)));
    let known = |number| (subject(number), Found::Known);
    type Row<'a> = (
        &'a str,
        Vec<BillEntry>,
        Vec<BookEntry>,
        Vec<(Subject, Found)>,
        &'a [&'a str],
        usize,
    );
    let table: Vec<Row<'_>> = vec![
        ("nothing", vec![], vec![], vec![], &[], 0),
        (
            "alike",
            vec![billed("1", 5)],
            vec![booked("1", 5)],
            vec![],
            &[],
            0,
        ),
        (
            "a refund alike",
            vec![billed("R1", 5)],
            vec![booked("R1", 5)],
            vec![],
            &[],
            0,
        ),
        (
            "unknown to us",
            vec![billed("1", 5)],
            vec![],
            vec![],
            &["payment_unknown 4201 5 -"],
            1,
        ),
        (
            "refund unknown",
            vec![billed("R1", 5)],
            vec![],
            vec![],
            &["refund_unknown R1 5 -"],
            1,
        ),
        (
            "not billed",
            vec![],
            vec![booked("1", 5)],
            vec![],
            &["payment_missing 4201 - 5"],
            0,
        ),
        (
            "refund not billed",
            vec![],
            vec![booked("R1", 5)],
            vec![],
            &["refund_missing R1 - 5"],
            0,
        ),
        (
            "another amount",
            vec![billed("1", 5)],
            vec![booked("1", 6)],
            vec![],
            &["payment_differs 4201 5 6"],
            0,
        ),
        (
            "of another day",
            vec![billed("1", 5)],
            vec![],
            vec![other_day("1", 5)],
            &[],
            1,
        ),
        (
            "of another day and amount",
            vec![billed("1", 5)],
            vec![],
            vec![other_day("1", 4)],
            &["payment_differs 4201 5 4"],
            1,
        ),
        (
            "on the list of exceptions",
            vec![billed("1", 5)],
            vec![],
            vec![known("1")],
            &[],
            1,
        ),
        (
            "what is found is about something else",
            vec![billed("1", 5)],
            vec![],
            vec![(subject("1"), Found::OtherDay(booked("2", 5)))],
            &["payment_unknown 4201 5 -"],
            1,
        ),
        (
            "twice alike",
            vec![billed("R1", 5), billed("R1", 5), billed("R1", 5)],
            vec![booked("R1", 5)],
            vec![],
            &["refund_twice R1 5 -"],
            0,
        ),
        (
            "twice, once with another amount",
            vec![billed("1", 7), billed("1", 5)],
            vec![booked("1", 5)],
            vec![],
            &["payment_differs 4201 7 5", "payment_twice 4201 5 -"],
            0,
        ),
        (
            "unknown and twice",
            vec![billed("1", 7), billed("1", 5)],
            vec![],
            vec![],
            &["payment_twice 4201 5 -", "payment_unknown 4201 5 -"],
            1,
        ),
        (
            "a refund under its number for another payment is another refund",
            vec![BillEntry {
                subject: Subject::refund(
                    TransactionId::new("9").unwrap(),
                    RefundNo::new("R1").unwrap(),
                ),
                ..billed("R1", 5)
            }],
            vec![booked("R1", 5)],
            vec![],
            &["refund_missing R1 - 5", "refund_unknown R1 5 -"],
            1,
        ),
    ];
    for (case, bill, books, others, expected, strays) in table {
        let outcome = reconcile(bill.clone(), books.clone(), &others);
        assert_eq!(words(&outcome), expected, "{case}");
        assert_eq!(outcome.strays.len(), strays, "{case}");
        let backwards = reconcile(bill.into_iter().rev(), books.into_iter().rev(), &others);
        assert_eq!(backwards, outcome, "{case}, backwards");
    }
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
        (bill, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
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

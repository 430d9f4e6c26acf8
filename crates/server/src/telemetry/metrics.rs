//! The figures: one table that is their documentation, and the recorder that keeps them.

use ::metrics::Unit;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::names;

/// What a figure does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows; starts at zero with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many took how long.
    Histogram,
}

/// One figure. Labels have few values each: never an order number, an openid or a URL.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

/// Upper bounds of the histograms, in seconds: from a commit in memory to WeChat's timeout.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// All figures, by name. `docs/OPERATIONS.md` prints this table; a test compares the two.
pub const ALL: [Metric; 27] = [
    Metric {
        name: names::WECHAT_HELD_BACK_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["api", "for"],
        help: "Calls to WeChat Pay that were not made because their pace was reached, by whom they \
               were for (buyer, job)",
    },
    Metric {
        name: names::WECHAT_LIMITED_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["api"],
        help: "Calls that WeChat Pay answered with 429; the pace of that interface halves",
    },
    Metric {
        name: names::WECHAT_REQUEST_DURATION_SECONDS,
        kind: Kind::Histogram,
        unit: Unit::Seconds,
        labels: &["api", "outcome"],
        help: "Calls to WeChat Pay by interface (prepay, query, close, certificates) and outcome \
               (ok, refused, ambiguous)",
    },
    Metric {
        name: names::BUILD_INFO,
        kind: Kind::Gauge,
        unit: Unit::Count,
        labels: &["version"],
        help: "Always 1; the label says which version runs",
    },
    Metric {
        name: names::CLOCK_SKEW_SECONDS,
        kind: Kind::Gauge,
        unit: Unit::Seconds,
        labels: &["merchant"],
        help: "This machine's time minus WeChat's, from the newest answer; beyond 300 every call \
               is refused",
    },
    Metric {
        name: names::CONFIG_RELOADS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["result"],
        help: "Reloads of the configuration (SIGHUP) by result: applied, or refused, after which \
               the old one is in force",
    },
    Metric {
        name: names::EXCEPTIONS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["kind"],
        help: "Payments that do not fit their order (paid twice, paid after close, other amount); \
               each needs a person",
    },
    Metric {
        name: names::HTTP_REQUEST_DURATION_SECONDS,
        kind: Kind::Histogram,
        unit: Unit::Seconds,
        labels: &["route", "status"],
        help: "Requests answered, by route pattern and status",
    },
    Metric {
        name: names::HTTP_REQUESTS_IN_FLIGHT,
        kind: Kind::Gauge,
        unit: Unit::Count,
        labels: &[],
        help: "Requests being answered now",
    },
    Metric {
        name: names::JOB_DURATION_SECONDS,
        kind: Kind::Histogram,
        unit: Unit::Seconds,
        labels: &["kind", "outcome"],
        help: "Background jobs that ran, by kind and outcome (done, again, failed)",
    },
    Metric {
        name: names::JOB_OLDEST_DUE_SECONDS,
        kind: Kind::Gauge,
        unit: Unit::Seconds,
        labels: &["kind", "merchant"],
        help: "How long the longest-waiting due job has waited",
    },
    Metric {
        name: names::JOBS_DUE,
        kind: Kind::Gauge,
        unit: Unit::Count,
        labels: &["kind", "merchant"],
        help: "Jobs that the last look found due",
    },
    Metric {
        name: names::LOGINS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["result"],
        help: "Logins of the mini program by result (ok, code, blocked, unavailable, refused)",
    },
    Metric {
        name: names::NOTIFICATION_KEYS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["merchant", "key"],
        help: "Verified notifications by the kind of key that signed them (certificate, \
               public_key); tells when a switch of keys is complete",
    },
    Metric {
        name: names::NOTIFICATIONS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["type", "result"],
        help: "Notifications received, by event type and result: settled, repeated, stored, \
               exception, unknown_order, failed, or why refused (`probe` is WeChat testing us and \
               no alarm)",
    },
    Metric {
        name: names::ORDERS_SHED_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["route"],
        help: "Orders refused at once because orders.max_in_flight was reached",
    },
    Metric {
        name: names::ORDERS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["state"],
        help: "Orders that entered a state",
    },
    Metric {
        name: names::PAID_FEN_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["merchant"],
        help: "Money of orders that became paid, in fen",
    },
    Metric {
        name: names::RATE_LIMITED_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["policy"],
        help: "Requests refused with 429, by the limit that they exceeded (address, login, \
               session, api_key)",
    },
    Metric {
        name: names::RECONCILIATION_DIFFERENCES_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["kind"],
        help: "Differences between bill and books that were told of, by kind; each needs a person",
    },
    Metric {
        name: names::RECONCILIATIONS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["merchant", "outcome"],
        help: "Bills that were to be compared, by outcome (done, not_ready, failed)",
    },
    Metric {
        name: names::REFUNDED_FEN_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["merchant"],
        help: "Money of refunds that arrived, in fen",
    },
    Metric {
        name: names::REFUNDS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["state"],
        help: "Refunds that entered a state",
    },
    Metric {
        name: names::REQUESTS_SHED_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["lane"],
        help: "Requests refused with 503 because their lane was full (notifications, logins, \
               reads), and connections closed because their address had too many",
    },
    Metric {
        name: names::STORE_TX_DURATION_SECONDS,
        kind: Kind::Histogram,
        unit: Unit::Seconds,
        labels: &["tx", "outcome"],
        help: "Transactions from hand-over to durable, by name and outcome (done, guard_missed, \
               failed)",
    },
    Metric {
        name: names::WEBHOOK_ATTEMPTS_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["outcome"],
        help: "Attempts to tell a webhook endpoint of an event, by outcome (delivered, again, \
               given_up)",
    },
    Metric {
        name: names::WEBHOOK_ENDPOINTS_DISABLED_TOTAL,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels: &["reason"],
        help: "Webhook endpoints that were disabled (failing for days, gone); events wait until \
               somebody enables them",
    },
];

/// Becomes the process's recorder and describes every figure. Call once; hand the handle to the
/// admin listener, and call its `run_upkeep` every few seconds: samples wait in memory until then.
///
/// # Errors
/// When the process has a recorder already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = builder()?.install_recorder()?;
    describe();
    Ok(handle)
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let durations = Matcher::Suffix("_duration_seconds".to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(durations, &SECONDS)
}

fn describe() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => ::metrics::describe_counter!(metric.name, metric.unit, metric.help),
            Kind::Gauge => ::metrics::describe_gauge!(metric.name, metric.unit, metric.help),
            Kind::Histogram => {
                ::metrics::describe_histogram!(metric.name, metric.unit, metric.help);
            }
        }
    }
    ::metrics::gauge!(names::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// The table of `docs/OPERATIONS.md`, as Markdown rows.
pub fn table() -> String {
    let row = |metric: Metric| {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels = metric.labels.join(", ");
        format!(
            "| `{}` | {kind} | {labels} | {} |\n",
            metric.name, metric.help
        )
    };
    ALL.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALL, Kind, builder, describe, names};

    #[test]
    fn every_figure_is_described_and_named_by_its_kind() {
        for metric in ALL {
            assert!(metric.name.starts_with("shouyin_"), "{}", metric.name);
            let is_counter = metric.kind == Kind::Counter;
            assert_eq!(
                metric.name.ends_with("_total"),
                is_counter,
                "{}",
                metric.name
            );
            let is_histogram = metric.kind == Kind::Histogram;
            assert_eq!(
                metric.name.ends_with("_duration_seconds"),
                is_histogram,
                "{}",
                metric.name
            );
        }
    }

    #[test]
    fn the_operations_manual_lists_exactly_these_figures() {
        let manual = include_str!("../../../../docs/OPERATIONS.md");
        let table = super::table();
        assert!(
            manual.contains(&table),
            "docs/OPERATIONS.md should contain\n{table}"
        );
    }

    #[test]
    fn figures_are_rendered_with_help_and_buckets() {
        let recorder = builder().expect("buckets are lawful").build_recorder();
        let handle = recorder.handle();
        ::metrics::with_local_recorder(&recorder, || {
            describe();
            ::metrics::counter!(names::ORDERS_TOTAL, "state" => "paid").increment(1);
            let tx = ::metrics::histogram!(
                names::STORE_TX_DURATION_SECONDS, "tx" => "place_order", "outcome" => "done"
            );
            tx.record(0.002);
        });
        let text = handle.render();
        for line in [
            "# HELP shouyin_orders_total Orders that entered a state",
            "shouyin_orders_total{state=\"paid\"} 1",
            "le=\"0.0025\"} 1",
            "shouyin_build_info{version=",
        ] {
            assert!(text.contains(line), "{line}\nnot in\n{text}");
        }
    }
}

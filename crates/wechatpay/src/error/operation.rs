use std::fmt;

/// The calls of this crate, as far as advice on their errors goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Placing an order, whichever product.
    Prepay,
    /// Asking for a payment, by either number.
    Query,
    /// Closing an unpaid order.
    Close,
    /// Asking for a refund.
    Refund,
    /// Asking how a refund stands.
    RefundQuery,
    /// Sending a stuck refund another way.
    RefundApply,
    /// Asking for a bill.
    Bill,
    /// Downloading a bill.
    BillDownload,
    /// Downloading the platform's certificates.
    Certificates,
    /// The platform's self test.
    Echo,
}

impl Operation {
    /// All of them, for tables.
    pub const ALL: [Self; 10] = [
        Self::Prepay,
        Self::Query,
        Self::Close,
        Self::Refund,
        Self::RefundQuery,
        Self::RefundApply,
        Self::Bill,
        Self::BillDownload,
        Self::Certificates,
        Self::Echo,
    ];

    /// A short name for logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepay => "prepay",
            Self::Query => "query",
            Self::Close => "close",
            Self::Refund => "refund",
            Self::RefundQuery => "refund_query",
            Self::RefundApply => "refund_apply",
            Self::Bill => "bill",
            Self::BillDownload => "bill_download",
            Self::Certificates => "certificates",
            Self::Echo => "echo",
        }
    }

    /// Whether the call moves money back, which a repeat without a look might do again.
    pub(crate) const fn pays_back(self) -> bool {
        matches!(self, Self::Refund | Self::RefundApply)
    }

    /// Whether the call changes nothing at WeChat.
    pub const fn is_read_only(self) -> bool {
        match self {
            Self::Query
            | Self::RefundQuery
            | Self::Bill
            | Self::BillDownload
            | Self::Certificates
            | Self::Echo => true,
            Self::Prepay | Self::Close | Self::Refund | Self::RefundApply => false,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

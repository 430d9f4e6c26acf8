//! The words of WeChat's open sets. A word that is not known yet is kept as it came.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $wire:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_doc])* $word,)+
            /// A word that this crate does not know, as it came.
            Unknown(String),
        }

        impl $name {
            /// The word, as WeChat spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $wire,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($wire => Self::$word,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Ok(Self::from(text.as_str()))
            }
        }
    };
}

words! {
    /// Where a payment stands.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4012791870
    TradeState {
        /// Paid.
        Success = "SUCCESS",
        /// Paid, and at least one refund was accepted since, if only of a part.
        Refund = "REFUND",
        /// Not paid yet. Also after a failed attempt; never a final state.
        NotPay = "NOTPAY",
        /// Closed unpaid. Final.
        Closed = "CLOSED",
        /// Revoked; payments by code only.
        Revoked = "REVOKED",
        /// The buyer is entering the password; payments by code only.
        UserPaying = "USERPAYING",
        /// The payment failed; payments by code only.
        PayError = "PAYERROR",
        /// Accepted, to be charged; special products only.
        Accept = "ACCEPT",
    }
}

impl TradeState {
    /// Whether money came in. An order with a refund was paid too, which `== Success` would miss.
    ///
    /// ```
    /// use wechatpay::TradeState;
    ///
    /// assert!(TradeState::Success.is_paid() && TradeState::Refund.is_paid());
    /// assert!(!TradeState::NotPay.is_paid());
    /// ```
    pub const fn is_paid(&self) -> bool {
        matches!(self, Self::Success | Self::Refund)
    }
}

words! {
    /// How a payment was started.
    TradeType {
        /// JSAPI, and mini programs.
        Jsapi = "JSAPI",
        /// A QR code that the merchant shows.
        Native = "NATIVE",
        /// Inside an app.
        App = "APP",
        /// A mobile browser (H5).
        H5 = "MWEB",
        /// A code that the buyer shows.
        Micropay = "MICROPAY",
        /// By face.
        FacePay = "FACEPAY",
    }
}

words! {
    /// What a notification is about.
    EventType {
        /// A payment succeeded. The basic products send nothing for a payment that failed.
        TransactionSuccess = "TRANSACTION.SUCCESS",
        /// A refund arrived.
        RefundSuccess = "REFUND.SUCCESS",
        /// A refund is stuck, and somebody has to act.
        RefundAbnormal = "REFUND.ABNORMAL",
        /// A refund was given up; another needs another number.
        RefundClosed = "REFUND.CLOSED",
    }
}

words! {
    /// Where a refund stands.
    RefundStatus {
        /// Arrived.
        Success = "SUCCESS",
        /// Given up.
        Closed = "CLOSED",
        /// On its way.
        Processing = "PROCESSING",
        /// Stuck.
        Abnormal = "ABNORMAL",
    }
}

words! {
    /// The way a refund takes.
    RefundChannel {
        /// Back the way the money came.
        Original = "ORIGINAL",
        /// To the buyer's balance.
        Balance = "BALANCE",
        /// To another balance, because the original account is gone.
        OtherBalance = "OTHER_BALANCE",
        /// To another bank card, because the original one is gone.
        OtherBankcard = "OTHER_BANKCARD",
    }
}

words! {
    /// The merchant's account that a refund was taken from.
    FundsAccount {
        /// Not settled yet.
        Unsettled = "UNSETTLED",
        /// Available.
        Available = "AVAILABLE",
        /// Not available.
        Unavailable = "UNAVAILABLE",
        /// For operations.
        Operation = "OPERATION",
        /// The basic account, with what is available in it.
        Basic = "BASIC",
        /// The basic account of digital yuan.
        EcnyBasic = "ECNY_BASIC",
    }
}

words! {
    /// The banks to whose debit cards a stuck refund can be sent.
    ///
    /// Source: pay.weixin.qq.com/doc/v3/merchant/4013071193
    BankType {
        /// 招商银行
        CmbDebit = "CMB_DEBIT",
        /// 交通银行
        CommDebit = "COMM_DEBIT",
        /// 农业银行
        AbcDebit = "ABC_DEBIT",
        /// 建设银行
        CcbDebit = "CCB_DEBIT",
        /// 工商银行
        IcbcDebit = "ICBC_DEBIT",
        /// 中国银行
        BocDebit = "BOC_DEBIT",
        /// 平安银行
        PabDebit = "PAB_DEBIT",
        /// 浦发银行
        SpdbDebit = "SPDB_DEBIT",
        /// 中信银行
        CiticDebit = "CITIC_DEBIT",
        /// 光大银行
        CebDebit = "CEB_DEBIT",
        /// 民生银行
        CmbcDebit = "CMBC_DEBIT",
        /// 兴业银行
        CibDebit = "CIB_DEBIT",
        /// 广发银行
        GdbDebit = "GDB_DEBIT",
        /// 邮储银行
        PsbcDebit = "PSBC_DEBIT",
        /// 宁波银行
        NbcbDebit = "NBCB_DEBIT",
    }
}

//! Values on their way in and out.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::{row::Row, tx::Value};

impl ToSql for Value {
    fn to_sql(
        &self,
        column: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, column) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(number), &Type::INT8) => number.to_sql(column, out),
            (Self::Text(text), &Type::TEXT) => text.to_sql(column, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.to_sql(column, out),
            // Without the value: this text reaches logs.
            (Self::Int(_) | Self::Text(_) | Self::Blob(_), _) => {
                Err(format!("the parameter is not a {column}").into())
            }
        }
    }

    fn accepts(column: &Type) -> bool {
        matches!(*column, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(column: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *column {
            Type::INT4 => Self::Int(i32::from_sql(column, raw)?.into()),
            Type::INT8 => Self::Int(i64::from_sql(column, raw)?),
            Type::BYTEA => Self::Blob(raw.to_vec()),
            _ => Self::Text(String::from_sql(column, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(column: &Type) -> bool {
        matches!(*column, Type::INT4 | Type::INT8 | Type::TEXT | Type::BYTEA)
    }
}

pub(super) fn row(source: &tokio_postgres::Row) -> Result<Row, tokio_postgres::Error> {
    (0..source.len())
        .map(|column| source.try_get(column))
        .collect::<Result<_, _>>()
        .map(Row)
}

//! A row is not yet a domain value: what no code of ours would write stops here, with its place.

use domain::Millis;
use fen::Fen;

use crate::{StoreError, tx::Value};

/// The columns of one row, in the order of the `SELECT`.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

/// Takes a row apart, column by column.
pub(crate) struct Columns {
    table: &'static str,
    row: String,
    values: std::vec::IntoIter<Value>,
}

impl Columns {
    /// Begins with the first column. `label` names the row in errors; it reaches logs, so it must
    /// not be a secret or a person.
    pub(crate) fn new(table: &'static str, label: impl Into<String>, row: Row) -> Self {
        Self {
            table,
            row: label.into(),
            values: row.0.into_iter(),
        }
    }

    /// The same, for tables whose first selected column may be shown and names the row.
    pub(crate) fn keyed(table: &'static str, row: Row) -> Self {
        let label = match row.0.first() {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(Value::Null | Value::Blob(_)) | None => String::from("(no key)"),
        };
        Self::new(table, label, row)
    }

    /// The error that this column cannot be what it is.
    pub(crate) fn inconsistent(&self, column: &'static str) -> StoreError {
        StoreError::Inconsistent {
            table: self.table,
            column,
            row: self.row.clone(),
        }
    }

    fn next(&mut self) -> Value {
        self.values.next().unwrap_or(Value::Null)
    }

    pub(crate) fn int(&mut self, column: &'static str) -> Result<i64, StoreError> {
        self.int_or_null(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn int_or_null(&mut self, column: &'static str) -> Result<Option<i64>, StoreError> {
        match self.next() {
            Value::Int(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            Value::Text(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn text(&mut self, column: &'static str) -> Result<String, StoreError> {
        self.text_or_null(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn text_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<String>, StoreError> {
        match self.next() {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn blob(&mut self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        match self.next() {
            Value::Blob(bytes) => Ok(bytes),
            Value::Null | Value::Int(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn millis(&mut self, column: &'static str) -> Result<Millis, StoreError> {
        self.int(column).map(Millis)
    }

    pub(crate) fn millis_or_null(
        &mut self,
        column: &'static str,
    ) -> Result<Option<Millis>, StoreError> {
        Ok(self.int_or_null(column)?.map(Millis))
    }

    pub(crate) fn fen(&mut self, column: &'static str) -> Result<Fen, StoreError> {
        let number = self.int(column)?;
        Fen::new(number).map_err(|_| self.inconsistent(column))
    }

    /// A text that obeys the rule of its type.
    pub(crate) fn id<T: TryFrom<String>>(&mut self, column: &'static str) -> Result<T, StoreError> {
        let text = self.text(column)?;
        T::try_from(text).map_err(|_| self.inconsistent(column))
    }

    pub(crate) fn id_or_null<T: TryFrom<String>>(
        &mut self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        match self.text_or_null(column)? {
            Some(text) => T::try_from(text)
                .map(Some)
                .map_err(|_| self.inconsistent(column)),
            None => Ok(None),
        }
    }
}

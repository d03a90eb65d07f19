//! SeaORM's traits for a type with a `handle`.

use sea_orm::DbErr;

/// Implements `ConnectionTrait` and `TransactionTrait`. A macro, because the kinds of transaction share no type that
/// a caller could name: each must stay what it is.
macro_rules! connection_traits {
    ($transaction:ty) => {
        #[async_trait::async_trait]
        impl sea_orm::ConnectionTrait for $transaction {
            fn get_database_backend(&self) -> sea_orm::DbBackend {
                sea_orm::DbBackend::Postgres
            }

            async fn execute_raw(
                &self,
                _: sea_orm::Statement,
            ) -> Result<sea_orm::ExecResult, sea_orm::DbErr> {
                Err($crate::transaction::delegate::raw())
            }

            async fn execute<S: sea_orm::StatementBuilder>(
                &self,
                statement: &S,
            ) -> Result<sea_orm::ExecResult, sea_orm::DbErr> {
                self.handle.execute(statement).await
            }

            async fn execute_unprepared(&self, _: &str) -> Result<sea_orm::ExecResult, sea_orm::DbErr> {
                Err($crate::transaction::delegate::raw())
            }

            async fn query_one_raw(
                &self,
                _: sea_orm::Statement,
            ) -> Result<Option<sea_orm::QueryResult>, sea_orm::DbErr> {
                Err($crate::transaction::delegate::raw())
            }

            async fn query_one<S: sea_orm::StatementBuilder>(
                &self,
                statement: &S,
            ) -> Result<Option<sea_orm::QueryResult>, sea_orm::DbErr> {
                self.handle.query_one(statement).await
            }

            async fn query_all_raw(
                &self,
                _: sea_orm::Statement,
            ) -> Result<Vec<sea_orm::QueryResult>, sea_orm::DbErr> {
                Err($crate::transaction::delegate::raw())
            }

            async fn query_all<S: sea_orm::StatementBuilder>(
                &self,
                statement: &S,
            ) -> Result<Vec<sea_orm::QueryResult>, sea_orm::DbErr> {
                self.handle.query_all(statement).await
            }
        }

        /// Nested transactions are savepoints. They take no isolation level and no access mode of their own.
        #[async_trait::async_trait]
        impl sea_orm::TransactionTrait for $transaction {
            type Transaction = $crate::transaction::NestedTx;

            async fn begin(&self) -> Result<Self::Transaction, sea_orm::DbErr> {
                $crate::transaction::NestedTx::begin(&self.handle).await
            }

            async fn begin_with_config(
                &self,
                isolation_level: Option<sea_orm::IsolationLevel>,
                access_mode: Option<sea_orm::AccessMode>,
            ) -> Result<Self::Transaction, sea_orm::DbErr> {
                $crate::transaction::delegate::plain(isolation_level.is_none() && access_mode.is_none())?;
                $crate::transaction::NestedTx::begin(&self.handle).await
            }

            async fn begin_with_options(
                &self,
                options: sea_orm::TransactionOptions,
            ) -> Result<Self::Transaction, sea_orm::DbErr> {
                self.begin_with_config(options.isolation_level, options.access_mode)
                    .await
            }

            async fn transaction<F, T, E>(&self, callback: F) -> Result<T, sea_orm::TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Self::Transaction,
                    )
                        -> std::pin::Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: std::fmt::Display + std::fmt::Debug + Send,
            {
                self.transaction_with_config(callback, None, None).await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<sea_orm::IsolationLevel>,
                access_mode: Option<sea_orm::AccessMode>,
            ) -> Result<T, sea_orm::TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Self::Transaction,
                    )
                        -> std::pin::Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: std::fmt::Display + std::fmt::Debug + Send,
            {
                use sea_orm::TransactionError::{Connection, Transaction};
                let nested = self
                    .begin_with_config(isolation_level, access_mode)
                    .await
                    .map_err(Connection)?;
                match callback(&nested).await {
                    Ok(value) => {
                        nested.commit().await.map_err(Connection)?;
                        Ok(value)
                    }
                    Err(error) => {
                        nested.rollback().await.map_err(Connection)?;
                        Err(Transaction(error))
                    }
                }
            }
        }

        impl $transaction {
            /// Hand-written SQL, as a last resort: a constant of the program, one statement, with bound values.
            pub fn sql(
                &self,
                text: &'static str,
                values: impl IntoIterator<Item = sea_orm::Value>,
            ) -> $crate::transaction::Sql<'_> {
                $crate::transaction::Sql::new(&self.handle, text, values.into_iter().collect())
            }
        }
    };
}

pub(super) use connection_traits;

pub(super) fn raw() -> DbErr {
    crate::database::refused("raw statements are not taken; use the query builder, or sql() with a constant")
}

pub(super) fn plain(plain: bool) -> Result<(), DbErr> {
    if plain {
        Ok(())
    } else {
        Err(crate::database::refused(
            "a nested transaction is a savepoint; it takes no options",
        ))
    }
}

//! The fee that the client owes, from the terms and the pay.

use inventure_core::{Money, PayPeriod};
use inventure_ledger::{self as ledger, Share};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    part::share_out,
    terms::{FeeBase, Terms},
};

/// The pay of a placed person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// The amount, in the terms' currency.
    pub amount: Money,
    /// The period that the amount is for.
    pub period: PayPeriod,
}

/// The item that an invoice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Billed {
    /// A placement, whole.
    Placement,
    /// A stage of a retained search, by its index in the terms.
    Stage(u16),
    /// This many minutes of a contractor's work.
    Minutes(u32),
    /// The late fee on another invoice of the deal, by its index.
    LateFee(u16),
}

/// The reason for which there is no fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// Zero or less.
    #[error("the pay must be more than zero")]
    PayNotPositive,
    /// The pay in one currency and the terms in another.
    #[error("the amount is not in the currency of the terms")]
    OtherCurrency,
    /// Nothing to take a percentage of.
    #[error("the fee depends on the pay, and the pay is not given")]
    NoPay,
    /// The client would pay more for finding the person than the person gets.
    #[error("the fee is more than the pay")]
    AbovePay,
    /// Beyond 64 bits.
    #[error("the amount is too large")]
    TooLarge,
    /// It rounds to nothing.
    #[error("the fee is less than one minor unit")]
    Nothing,
    /// Hours under terms for a placement, a stage that is not there.
    #[error("the terms have no fee for this")]
    NotInTerms,
}

impl Terms {
    /// The fee for what is billed. Rounded to the nearest minor unit, half a unit up.
    pub fn fee_for(&self, billed: Billed, pay: Option<Pay>) -> Result<i64, FeeError> {
        match (&self.fee, billed) {
            (FeeBase::Percent { .. } | FeeBase::Flat { .. }, Billed::Placement) => self.whole_fee(pay),
            (FeeBase::Retained { minor_units, stages }, Billed::Stage(index)) => {
                self.whole_fee(pay)?;
                let shares: Vec<Share> = stages.iter().map(|stage| stage.share).collect();
                // All stages are allocated together, so that they add up to the fee however it is rounded.
                let parts = share_out(minor_units.0, &shares).map_err(|_| FeeError::NotInTerms)?;
                let part = parts.get(usize::from(index)).copied().ok_or(FeeError::NotInTerms)?;
                if part == 0 { Err(FeeError::Nothing) } else { Ok(part) }
            }
            (FeeBase::Hourly { minor_units_per_hour }, Billed::Minutes(minutes)) => {
                self.whole_fee(pay)?;
                let product = i128::from(minor_units_per_hour.0) * i128::from(minutes);
                let rounded = i64::try_from((product + 30) / 60).map_err(|_| FeeError::TooLarge)?;
                if rounded == 0 {
                    Err(FeeError::Nothing)
                } else {
                    Ok(rounded)
                }
            }
            _ => Err(FeeError::NotInTerms),
        }
    }

    /// Returns the fee of the whole deal, by which the level of the guarantee is found. By the hour, it is the fee of
    /// one hour. Where the pay is known, the fee is checked against it.
    pub fn whole_fee(&self, pay: Option<Pay>) -> Result<i64, FeeError> {
        let yearly = pay.map(|pay| self.yearly(pay)).transpose()?;
        let (fee, ceiling) = match &self.fee {
            FeeBase::Percent {
                of_first_year_pay,
                minimum_minor_units,
            } => {
                let yearly = yearly.ok_or(FeeError::NoPay)?;
                let part = ledger::fee(yearly, *of_first_year_pay).map_err(|_| FeeError::PayNotPositive)?;
                (
                    part.max(minimum_minor_units.map_or(0, |minimum| minimum.0)),
                    Some(yearly),
                )
            }
            FeeBase::Flat { minor_units } | FeeBase::Retained { minor_units, .. } => (minor_units.0, yearly),
            FeeBase::Hourly { minor_units_per_hour } => {
                let hours = PayPeriod::Hour.per_year();
                (minor_units_per_hour.0, yearly.map(|yearly| yearly / hours))
            }
        };
        if fee <= 0 {
            return Err(FeeError::Nothing);
        }
        match ceiling {
            Some(ceiling) if fee > ceiling => Err(FeeError::AbovePay),
            _ => Ok(fee),
        }
    }

    /// Pay for a full year.
    fn yearly(&self, pay: Pay) -> Result<i64, FeeError> {
        if pay.amount.currency != self.currency {
            return Err(FeeError::OtherCurrency);
        }
        if pay.amount.minor_units <= 0 {
            return Err(FeeError::PayNotPositive);
        }
        pay.amount
            .minor_units
            .checked_mul(pay.period.per_year())
            .ok_or(FeeError::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{amount::MinorUnits, sample, terms::RetainedStage};

    fn year(terms: &Terms, minor_units: i64) -> Pay {
        Pay {
            amount: terms.money(minor_units),
            period: PayPeriod::Year,
        }
    }

    #[test]
    fn a_percentage_is_of_the_first_years_pay() {
        let terms = sample::terms();
        let fee = |pay| terms.fee_for(Billed::Placement, pay);
        assert_eq!(fee(Some(year(&terms, 12_000_000))), Ok(2_400_000));
        let monthly = Pay {
            amount: terms.money(1_000_000),
            period: PayPeriod::Month,
        };
        assert_eq!(fee(Some(monthly)), Ok(2_400_000));
        assert_eq!(fee(None), Err(FeeError::NoPay));
        assert_eq!(fee(Some(year(&terms, 0))), Err(FeeError::PayNotPositive));
        assert_eq!(fee(Some(year(&terms, -5))), Err(FeeError::PayNotPositive));
        assert_eq!(fee(Some(year(&terms, 1))), Err(FeeError::Nothing));
        assert_eq!(fee(Some(year(&terms, i64::MAX))), Ok(i64::MAX / 5));
        let hourly = Pay {
            amount: terms.money(i64::MAX),
            period: PayPeriod::Hour,
        };
        assert_eq!(fee(Some(hourly)), Err(FeeError::TooLarge));
        let yen = Pay {
            amount: Money {
                minor_units: 5,
                currency: "JPY".parse().unwrap(),
            },
            period: PayPeriod::Year,
        };
        assert_eq!(fee(Some(yen)), Err(FeeError::OtherCurrency));
        assert_eq!(
            terms.fee_for(Billed::Minutes(60), Some(year(&terms, 5))),
            Err(FeeError::NotInTerms)
        );
    }

    #[test]
    fn no_fee_is_above_the_pay() {
        let mut terms = sample::terms();
        terms.fee = FeeBase::Percent {
            of_first_year_pay: "20%".parse().unwrap(),
            minimum_minor_units: Some(MinorUnits(500_000)),
        };
        assert_eq!(terms.whole_fee(Some(year(&terms, 1_000_000))), Ok(500_000));
        assert_eq!(terms.whole_fee(Some(year(&terms, 500_000))), Ok(500_000));
        assert_eq!(terms.whole_fee(Some(year(&terms, 499_999))), Err(FeeError::AbovePay));
        terms.fee = FeeBase::Flat {
            minor_units: MinorUnits(100),
        };
        assert_eq!(terms.whole_fee(Some(year(&terms, 99))), Err(FeeError::AbovePay));
        assert_eq!(terms.whole_fee(None), Ok(100));
    }

    #[test]
    fn stages_add_up_to_the_retainer() {
        let mut terms = sample::terms();
        let stage = |name: &str| RetainedStage {
            name: name.into(),
            share: "1/3".parse().unwrap(),
            after_placement: name == "placement",
        };
        terms.fee = FeeBase::Retained {
            minor_units: MinorUnits(10_000),
            stages: ["engagement", "shortlist", "placement"].map(stage).into(),
        };
        let parts = [0, 1, 2].map(|index| terms.fee_for(Billed::Stage(index), None).unwrap());
        assert_eq!(parts, [3_334, 3_333, 3_333]);
        assert_eq!(terms.fee_for(Billed::Stage(3), None), Err(FeeError::NotInTerms));
    }

    #[test]
    fn hours_are_billed_to_the_minute() {
        let mut terms = sample::terms();
        terms.fee = FeeBase::Hourly {
            minor_units_per_hour: MinorUnits(1_250),
        };
        let fee = |minutes| terms.fee_for(Billed::Minutes(minutes), None);
        assert_eq!(fee(2_400), Ok(50_000));
        assert_eq!(fee(1), Ok(21));
        assert_eq!(fee(0), Err(FeeError::Nothing));
        terms.fee = FeeBase::Hourly {
            minor_units_per_hour: MinorUnits(i64::MAX),
        };
        assert_eq!(terms.fee_for(Billed::Minutes(61), None), Err(FeeError::TooLarge));
    }

    #[test]
    fn no_hour_costs_more_than_it_is_paid() {
        let fee = |minor_units| {
            let terms = sample::hourly(minor_units);
            let pay = Pay {
                amount: terms.money(5_000),
                period: PayPeriod::Hour,
            };
            terms.whole_fee(Some(pay))
        };
        assert_eq!(fee(5_000), Ok(5_000));
        assert_eq!(fee(5_001), Err(FeeError::AbovePay));
    }
}

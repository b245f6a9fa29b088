//! `portgate delivery resend`: the same bytes again. What is delivered goes out again only after a second question, which
//! names how many there are; `--yes` alone does not answer that.

use std::num::NonZeroU32;

use portgate_operator::{ConfirmDelivered, DeliveryCount, Items, ResendDeliveries, Resent};

use super::{Act, Failure};
use crate::operator::{OperatorClient, confirmed};
use crate::table::table;

/// How they are sent.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Those that are delivered as well, which their receivers have taken: asks once more
    #[arg(long)]
    delivered: bool,
    /// Answers that second question: exactly so many delivered ones are meant
    #[arg(long, requires = "delivered", value_name = "COUNT")]
    confirm_delivered: Option<u64>,
    /// Under new ids, so that receivers take them for other messages
    #[arg(long)]
    new_ids: bool,
    /// How many become due in a second, for each destination
    #[arg(long, default_value = "50")]
    rate: NonZeroU32,
}

/// Shows what is meant, asks, and has it sent.
pub(super) fn resend(act: &Act, options: &Options) -> Result<(), Failure> {
    let filter = act.meant()?;
    let client = OperatorClient::new(&act.connection)?;
    let counts: Items<DeliveryCount> = client.get("/v1/deliveries/count", &filter)?;
    let delivered = counts.items.iter().filter(|count| count.state.is_with_partner());
    let seen = ConfirmDelivered {
        count: delivered.clone().map(|count| count.count).sum(),
        last_settled_at: delivered.filter_map(|count| count.last_settled_at).max(),
    };
    let row = |count: DeliveryCount| vec![count.destination, count.state.to_string(), count.count.to_string()];
    print!("{}", table(&["destination", "state", "deliveries"], counts.items.into_iter().map(row).collect()));
    let ids = if options.new_ids { "under new ids" } else { "under their ids" };
    let with = if options.delivered { "delivered, dead and discarded" } else { "dead and discarded" };
    println!("Of these the {with} ones are sent again, byte for byte and {ids}.");
    if !act.yes && !confirmed("send them? [y/N] ") {
        return Err(Failure::NotConfirmed);
    }
    let confirm_delivered = match (options.delivered, options.confirm_delivered) {
        (false, _) => None,
        (true, Some(count)) => Some(ConfirmDelivered { count, ..seen }),
        (true, None) => {
            let takes = if options.new_ids { "take them for other messages" } else { "see the same id" };
            println!("{} of them are delivered: their receivers have them, and {takes}.", seen.count);
            if !confirmed("send what is done again? [y/N] ") {
                return Err(Failure::DeliveredNotConfirmed(seen.count));
            }
            Some(seen)
        }
    };
    let (reason, new_ids, per_second) = (act.reason.clone(), options.new_ids, Some(options.rate));
    let body = ResendDeliveries { filter, reason, confirm_delivered, new_ids, per_second };
    let Resent { resent, left_out } = client.post("/v1/deliveries/resend", &body)?;
    for one in resent.iter().filter(|one| one.delivery != one.r#as) {
        println!("{} as {}", one.delivery, one.r#as);
    }
    super::tell_left_out(&left_out);
    println!("resend: {} deliveries", resent.len());
    Ok(())
}

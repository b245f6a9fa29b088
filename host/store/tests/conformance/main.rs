//! What a journal promises, as claims that both engines have to meet, by the roles that it plays. Where PostgreSQL is not installed its half is left
//! out, and the run says so.

mod acts;
mod admissions;
mod agreements;
mod approvals;
mod audit_log;
mod batches;
mod bed;
mod codes;
mod deliveries;
mod events;
mod exceptions;
mod figures;
mod filings;
mod intake;
mod kept_together;
mod lanes;
mod lifecycle;
mod migrations;
mod names;
mod parking;
mod places;
mod plugins;
mod postgres_only;
mod rates;
mod records;
mod reference_tables;
mod refusals;
mod request_keys;
mod retention;
mod sent_again;
mod shared;
mod shipments;
mod sqlite_only;
mod together;
mod transcripts;
mod viewers;

/// Runs each claim over both engines.
macro_rules! suite {
    ($($module:ident: $($claim:ident),+ $(,)?;)+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $claim() {
                    crate::$module::$claim(crate::bed::Bed::sqlite().await).await;
                })+
            })+
        }

        mod postgres {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $claim() {
                    let name = concat!(stringify!($module), "_", stringify!($claim));
                    if let Some(bed) = crate::bed::Bed::postgres(name).await {
                        crate::$module::$claim(bed).await;
                    }
                })+
            })+
        }
    };
}

suite! {
    agreements:
        numbers_are_taken_with_what_is_rendered_under_them_and_never_again,
        of_many_that_want_the_same_numbers_one_has_them,
        what_is_sent_waits_for_its_acknowledgement_and_blocks_nobody,
        what_a_partner_says_counts_once,
        what_was_sent_is_found_by_its_partner_and_numbers_alone,
        an_acknowledgement_that_comes_before_the_end_of_the_attempt_decides,
        what_waits_to_be_tried_again_is_done_when_its_partner_says_that_it_has_it,
        an_acknowledgement_that_is_late_is_noticed_once_and_still_counts,
        an_answer_that_acknowledges_its_own_delivery_settles_it,
        an_acceptance_whose_reply_has_stale_numbers_keeps_nothing,
        a_refusal_is_told_under_its_own_numbers_and_the_same_bytes_are_told_the_same,
        what_is_sent_again_is_acknowledged_under_the_same_numbers;
    batches:
        what_may_go_together_waits_for_its_time_and_goes_in_its_order,
        as_much_as_goes_into_a_batch_goes_at_once,
        a_batch_stays_one_after_its_lease_has_ended,
        each_of_a_batch_has_numbers_of_its_own_and_an_end_of_its_own,
        what_cannot_go_together_goes_alone,
        a_batch_that_is_tried_again_takes_nothing_along,
        of_each_lane_the_one_goes_whose_turn_it_is,
        workers_that_gather_at_once_split_nothing,
        a_batch_is_sent_again_as_it_was,
        what_others_of_a_batch_still_need_is_kept;
    codes:
        a_code_is_kept_by_day_and_no_two_contradict_each_other,
        what_waits_for_a_code_goes_on_once_in_the_order_of_its_sender,
        a_delivery_that_waits_for_codes_is_claimed_by_nobody_until_all_are_there;
    intake:
        everything_of_an_acceptance_is_read_back,
        a_repeated_key_gets_the_same_answer,
        a_key_with_another_body_is_refused,
        keys_are_scoped_to_partner_and_contract,
        an_expired_key_is_free_again,
        a_thousand_at_once_with_one_key_have_one_effect,
        a_known_business_key_names_its_exchange,
        many_at_once_with_one_business_key_have_one_effect,
        a_nul_in_a_text_is_no_error,
        tests_are_listed_apart_and_share_no_key;
    kept_together:
        what_is_kept_together_is_kept_as_each_would_be_alone,
        one_with_something_in_its_way_keeps_none_of_the_others_from_it,
        the_documents_of_several_are_those_of_each,
        what_people_have_to_do_with_several_is_that_of_each;
    refusals:
        what_is_refused_is_an_exchange_in_a_state_of_its_own,
        a_message_that_was_refused_can_come_again,
        a_flood_fills_its_partner_s_budget_and_the_oldest_make_room,
        what_is_larger_than_the_budget_is_kept_without_its_payload,
        what_was_refused_is_run_again_and_becomes_an_exchange_like_any_other,
        what_is_refused_again_is_where_it_was,
        nothing_that_is_run_again_makes_room_or_is_removed,
        refused_exchanges_go_when_their_days_are_over;
    names:
        an_exchange_is_found_by_everything_that_names_it,
        what_is_found_is_the_newest_first_and_in_pages,
        what_is_packed_is_found_as_before,
        gateways_that_pack_at_once_lose_nothing,
        exchanges_from_before_there_were_names_get_theirs;
    records:
        exchanges_are_listed_in_pages,
        statistics_count_what_waits,
        deliveries_are_listed_by_filter_and_page,
        what_is_not_well_with_deliveries_is_counted_by_destination,
        what_is_unknown_is_named;
    deliveries:
        due_deliveries_are_claimed_once_and_the_oldest_first,
        what_is_known_already_is_sent_without_rendering,
        what_follows_of_a_settlement_belongs_to_the_same_exchange,
        workers_that_claim_at_once_share_nothing,
        an_ended_lease_is_taken_over_and_the_late_settlement_changes_nothing,
        a_renewed_lease_is_not_taken_over,
        released_claims_are_due_again,
        a_retry_sends_the_same_bytes,
        a_pending_delivery_is_asked_about,
        a_dead_letter_keeps_its_class_findings_and_attempts,
        an_answer_yields_an_exchange_of_its_own,
        destinations_are_due_when_something_can_be_claimed,
        a_delivery_says_which_parts_it_came_of_whatever_becomes_of_it;
    reference_tables:
        exactly_the_shipments_that_used_a_changed_key_are_judged_again_once,
        what_is_the_same_on_another_day_is_asked_once_a_day_and_what_had_a_day_of_its_own_never,
        what_a_judgement_rests_on_is_what_the_last_one_looked_up,
        a_few_shipments_are_judged_again_at_once_and_the_others_next,
        a_closed_shipment_is_left_alone_and_who_is_put_together_meanwhile_is_due_again;
    shipments:
        every_order_of_arrival_makes_the_same_shipments,
        two_shipments_become_one_and_both_ids_find_it,
        a_later_version_that_names_another_shipment_moves,
        what_is_known_of_an_article_is_found_by_every_shipment_that_names_it,
        a_shipment_is_put_together_by_one_and_again_when_something_came_meanwhile,
        what_the_gateway_makes_is_made_once_and_on_the_facts_of_the_moment,
        tests_and_all_others_never_make_one_shipment,
        what_is_tied_to_too_much_says_so_and_what_there_was_stays,
        a_shipment_of_which_nothing_is_heard_is_closed_and_opens_again,
        a_document_that_counts_no_more_leaves_its_shipment_and_nothing_of_tests_changes,
        a_value_finds_the_shipments_that_carry_it_in_whatever_scheme_and_with_a_scheme_in_that_one_alone,
        a_context_that_cannot_be_said_is_tried_later_each_time_and_at_once_when_something_comes;
    together:
        what_comes_together_makes_what_it_makes_one_after_the_other;
    exceptions:
        what_is_found_is_open_once_and_closes_with_the_facts,
        what_is_closed_is_forgotten_long_after_its_shipment_was_closed,
        whoever_has_lost_a_shipment_opens_nothing,
        an_override_is_kept_with_who_said_it_and_its_shipment_is_due_again,
        an_override_ends_with_the_facts_and_does_not_come_back,
        where_two_persons_are_needed_another_one_confirms_exactly_what_was_asked,
        what_an_operator_did_meanwhile_stays,
        a_deadline_that_has_passed_is_told_of_once_and_somebody_else_has_it,
        an_expectation_falls_due_once_whoever_runs_then,
        what_was_delivered_makes_a_shipment_due_again_where_something_is_expected_of_it,
        what_was_open_of_a_shipment_that_joins_another_is_that_one_s,
        a_document_that_waits_too_long_wants_a_person_until_it_is_attached,
        exceptions_are_listed_by_team_and_person_in_pages,
        what_a_partner_said_and_was_told_is_known_by_its_names,
        customs_answers_for_whom_was_sent_the_declaration_by_whichever_of_its_numbers;
    figures:
        what_is_observed_of_a_shipment_is_counted_once_by_partner_lane_and_day,
        onboarding_is_from_the_first_message_of_a_test_to_the_first_that_counts,
        costs_are_summed_exactly_by_currency_and_corrected_by_what_comes_late,
        exceptions_touches_deliveries_and_messages_are_counted_by_partner_and_lane_and_never_twice,
        attempts_are_summed_up_as_they_end_and_stay_when_their_deliveries_are_removed,
        a_journal_that_exists_keeps_what_attempts_came_to;
    places:
        what_is_split_off_stays_apart_whatever_comes_and_is_told_of_no_more,
        a_document_is_moved_to_another_shipment_also_one_that_had_none,
        acts_and_documents_make_the_same_shipments_in_whatever_order_the_rest_comes;
    viewers:
        a_viewer_sees_shipments_in_which_it_has_a_document_or_is_named,
        what_comes_to_a_shipment_is_told_once_and_in_order_also_what_had_come_before;
    filings:
        a_filing_is_kept_with_its_delivery_and_found_by_its_number_and_its_state,
        a_filing_is_forgotten_long_after_its_shipment_was_closed,
        who_lost_the_claim_files_nothing,
        the_filings_of_several_are_those_of_each,
        what_waits_is_replaced_and_what_may_have_left_is_not,
        what_never_left_waits_whatever_was_tried_and_goes_once_its_filing_has_looked_at_it,
        who_loses_the_right_to_a_declaration_has_sent_it_perhaps_if_it_was_rendered,
        what_a_filing_has_sent_is_sent_again_by_nobody_but_the_filing,
        a_dead_declaration_is_tried_again_where_its_filing_lets_it,
        what_becomes_of_a_delivery_has_its_shipment_looked_at_again,
        an_operator_s_word_counts_for_what_was_looked_at_and_is_told_the_audit_log;
    transcripts:
        a_delivery_is_read_back_with_what_was_sent_and_what_was_said_in_each_attempt,
        what_was_said_is_removed_with_the_payload,
        what_was_said_is_removed_in_its_time_but_for_what_waits_for_somebody;
    lanes:
        of_a_lane_only_the_oldest_is_claimed,
        a_retry_keeps_the_turn,
        lanes_and_destinations_do_not_wait_for_each_other,
        concurrent_acceptances_of_a_lane_keep_one_turn,
        very_long_lanes_are_kept_apart;
    acts:
        dead_letters_are_retried_at_a_rate_with_the_same_ids,
        what_was_delivered_or_discarded_does_not_come_back,
        what_somebody_works_on_is_not_discarded,
        discarding_the_head_of_a_lane_lets_the_next_go,
        a_retried_letter_waits_for_the_turn_of_its_lane,
        a_large_act_is_counted_whole;
    sent_again:
        dead_and_discarded_ones_are_sent_again_under_their_ids_at_a_rate_and_delivered_ones_are_not,
        what_is_delivered_is_sent_again_only_where_its_number_is_confirmed,
        under_a_new_id_the_same_bytes_go_out_as_another_delivery_one_at_a_time,
        a_dead_one_that_is_sent_under_a_new_id_has_its_end_in_that,
        what_was_never_rendered_or_is_removed_is_left_out,
        of_gateways_that_send_what_is_done_again_at_once_one_does,
        an_exchange_that_is_mapped_again_keeps_what_it_was_and_is_done_once,
        what_has_gone_on_since_it_was_planned_is_not_changed,
        of_gateways_that_map_again_at_once_one_does,
        rejected_exchanges_are_mapped_again_like_refused_ones;
    admissions:
        the_highest_version_of_each_plugin_is_kept,
        a_build_keeps_the_time_of_its_first_admission,
        gateways_that_admit_at_once_keep_the_highest,
        what_was_admitted_is_there_after_a_restart;
    parking:
        what_is_parked_is_kept_with_its_payload_and_the_answer_to_its_key,
        a_parked_exchange_is_given_out_as_it_was_received,
        they_are_taken_up_in_their_order_and_by_one_worker_at_a_time,
        workers_that_claim_parked_exchanges_at_once_share_nothing,
        partners_and_contracts_do_not_wait_for_each_other,
        an_exchange_that_is_taken_up_becomes_one_like_any_other,
        one_whose_business_key_is_known_is_left_as_it_is_and_can_be_rejected,
        a_lease_that_ended_is_taken_over_and_the_late_worker_changes_nothing,
        what_a_build_failed_on_goes_behind_and_another_build_begins_with_all_in_their_order,
        a_failed_exchange_waits_for_an_operator_who_has_it_tried_again_or_gives_it_up,
        what_can_be_taken_up_is_known_by_contract_and_counted,
        exchanges_are_found_by_their_state,
        nothing_that_is_parked_or_failed_is_removed;
    approvals:
        a_state_is_accepted_only_in_the_place_of_the_one_that_it_was_measured_by,
        a_person_counts_once_and_the_log_has_every_name,
        what_waits_is_forgotten_with_its_approvals_when_something_else_is_accepted,
        gateways_that_accept_at_once_accept_one,
        what_is_accepted_and_what_waits_is_there_after_a_restart;
    events:
        events_without_an_exchange_are_told,
        events_resume_after_a_cursor,
        what_is_told_of_a_document_is_its_body_until_retention_takes_it,
        an_event_without_its_document_is_still_told,
        a_partner_sees_its_own_events_alone,
        a_partner_s_end_of_events_moves_with_its_own_alone,
        positions_never_go_back,
        a_reader_beside_many_writers_misses_nothing,
        changes_wake_those_who_wait;
    audit_log:
        entries_are_sealed_in_their_order_and_read_back,
        many_entries_are_sealed_in_steps_and_verified,
        entries_are_found_by_kind_actor_subject_and_time,
        entries_of_a_settlement_are_kept_with_it_or_not_at_all,
        an_act_is_in_the_log_with_its_beginning_its_end_and_every_delivery_that_was_discarded,
        the_database_itself_refuses_to_change_or_remove_an_entry,
        what_is_altered_behind_the_journal_s_back_is_found_at_its_number,
        writers_and_sealers_at_once_make_one_chain;
    request_keys:
        a_webhook_is_known_by_its_id_whatever_its_contract,
        a_message_with_a_key_and_an_id_is_known_by_either,
        a_parked_webhook_is_known_by_its_id,
        a_taken_key_has_no_answer_until_one_is_kept,
        a_key_that_was_given_back_is_free_again,
        a_taken_key_keeps_others_from_what_it_stands_for,
        many_that_take_one_key_at_once_have_one_that_has_it,
        a_webhook_at_two_gateways_at_once_is_accepted_once,
        ids_are_forgotten_when_they_have_expired,
        what_is_known_is_known_after_a_restart;
    shared:
        a_shared_key_is_the_same_for_all_and_after_a_restart;
    lifecycle:
        a_closed_journal_says_so;
    retention:
        redaction_leaves_digests_and_spares_what_is_open,
        purging_spares_what_is_open_or_dead,
        keys_are_forgotten_when_they_have_expired,
        old_events_go_and_places_are_not_given_twice;
    plugins:
        what_a_gateway_says_of_a_day_takes_the_place_of_what_it_said_before,
        old_uses_are_forgotten;
}

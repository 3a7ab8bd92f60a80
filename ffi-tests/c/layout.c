/* Layout and values of the ABI, as numbers: they never change, only grow at the end. */
#include "check.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define FIELD(type, field, at, bytes)                                                  \
  _Static_assert(offsetof(type, field) == (at) && sizeof(((type *)0)->field) == (bytes), \
                 "place of " #type "." #field)
#define VALUE(name, value) _Static_assert((name) == (value), "value of " #name)

_Static_assert(sizeof(void *) == 8 && sizeof(size_t) == 8 && sizeof(void (*)(void)) == 8, "a 64-bit machine");
_Static_assert(sizeof(anser_status) == 4 && sizeof(anser_stop_reason) == 4 && sizeof(anser_result) == 4 &&
                   sizeof(anser_phase) == 4 && sizeof(anser_proof_format) == 4 && sizeof(anser_log_level) == 4 &&
                   sizeof(anser_condition) == 4 && sizeof(anser_relation) == 4 && sizeof(anser_number_kind) == 4 &&
                   sizeof(anser_constraint_kind) == 4 && sizeof(anser_backend) == 4 && sizeof(anser_enumeration) == 4 &&
                   sizeof(anser_element_type) == 4 && sizeof(anser_layer_kind) == 4 && sizeof(anser_pad_mode) == 4 &&
                   sizeof(anser_tensor_source) == 4 && sizeof(anser_relu_form) == 4 &&
                   sizeof(anser_relu_tightening) == 4 && sizeof(anser_search_method) == 4 &&
                   sizeof(anser_search_end) == 4 && sizeof(anser_scorer_output) == 4 &&
                   sizeof(anser_bit_order) == 4 && sizeof(anser_scorer_flag) == 4 && sizeof(anser_scorer_answer) == 4,
               "enums are 32 bits");

SIZE(anser_bounds_options, 16);
FIELD(anser_bounds_options, struct_size, 0, 8);
FIELD(anser_bounds_options, intervals_only, 8, 4);
FIELD(anser_bounds_options, reserved, 12, 4);

SIZE(anser_neurons, 32);
FIELD(anser_neurons, struct_size, 0, 8);
FIELD(anser_neurons, first, 8, 8);
FIELD(anser_neurons, count, 16, 8);
FIELD(anser_neurons, tensor, 24, 4);
FIELD(anser_neurons, splittable, 28, 4);

SIZE(anser_bounds_query, 120);
FIELD(anser_bounds_query, struct_size, 0, 8);
FIELD(anser_bounds_query, num_boxes, 8, 8);
FIELD(anser_bounds_query, lower, 16, 8);
FIELD(anser_bounds_query, upper, 24, 8);
FIELD(anser_bounds_query, split_offsets, 32, 8);
FIELD(anser_bounds_query, split_neurons, 40, 8);
FIELD(anser_bounds_query, split_phases, 48, 8);
FIELD(anser_bounds_query, num_splits, 56, 8);
FIELD(anser_bounds_query, known_lower, 64, 8);
FIELD(anser_bounds_query, known_upper, 72, 8);
FIELD(anser_bounds_query, num_rows, 80, 8);
FIELD(anser_bounds_query, outputs, 88, 8);
FIELD(anser_bounds_query, inputs, 96, 8);
FIELD(anser_bounds_query, method, 104, 4);
FIELD(anser_bounds_query, intersect, 108, 4);
FIELD(anser_bounds_query, iterations, 112, 4);
FIELD(anser_bounds_query, neuron_iterations, 116, 4);

SIZE(anser_bounds_results, 88);
FIELD(anser_bounds_results, struct_size, 0, 8);
FIELD(anser_bounds_results, lower, 8, 8);
FIELD(anser_bounds_results, upper, 16, 8);
FIELD(anser_bounds_results, lower_coefficients, 24, 8);
FIELD(anser_bounds_results, lower_constants, 32, 8);
FIELD(anser_bounds_results, upper_coefficients, 40, 8);
FIELD(anser_bounds_results, upper_constants, 48, 8);
FIELD(anser_bounds_results, points, 56, 8);
FIELD(anser_bounds_results, neuron_lower, 64, 8);
FIELD(anser_bounds_results, neuron_upper, 72, 8);
FIELD(anser_bounds_results, empty, 80, 8);

SIZE(anser_bounds_contraction, 48);
FIELD(anser_bounds_contraction, struct_size, 0, 8);
FIELD(anser_bounds_contraction, lower, 8, 8);
FIELD(anser_bounds_contraction, upper, 16, 8);
FIELD(anser_bounds_contraction, neuron_lower, 24, 8);
FIELD(anser_bounds_contraction, neuron_upper, 32, 8);
FIELD(anser_bounds_contraction, empty, 40, 8);

SIZE(anser_relu_options, 24);
FIELD(anser_relu_options, struct_size, 0, 8);
FIELD(anser_relu_options, form, 8, 4);
FIELD(anser_relu_options, tightening, 12, 4);
FIELD(anser_relu_options, iterations, 16, 4);
FIELD(anser_relu_options, reserved, 20, 4);

SIZE(anser_relu_neurons, 88);
FIELD(anser_relu_neurons, struct_size, 0, 8);
FIELD(anser_relu_neurons, num_neurons, 8, 8);
FIELD(anser_relu_neurons, layers, 16, 8);
FIELD(anser_relu_neurons, pre, 24, 8);
FIELD(anser_relu_neurons, post, 32, 8);
FIELD(anser_relu_neurons, phases, 40, 8);
FIELD(anser_relu_neurons, decided, 48, 8);
FIELD(anser_relu_neurons, pre_lower, 56, 8);
FIELD(anser_relu_neurons, pre_upper, 64, 8);
FIELD(anser_relu_neurons, post_lower, 72, 8);
FIELD(anser_relu_neurons, post_upper, 80, 8);

SIZE(anser_progress, 112);
FIELD(anser_progress, struct_size, 0, 8);
FIELD(anser_progress, phase, 8, 4);
FIELD(anser_progress, reserved, 12, 4);
FIELD(anser_progress, seconds, 16, 8);
FIELD(anser_progress, done, 24, 8);
FIELD(anser_progress, total, 32, 8);
FIELD(anser_progress, conflicts, 40, 8);
FIELD(anser_progress, decisions, 48, 8);
FIELD(anser_progress, propagations, 56, 8);
FIELD(anser_progress, irredundant, 64, 8);
FIELD(anser_progress, redundant, 72, 8);
FIELD(anser_progress, fixed, 80, 8);
FIELD(anser_progress, bound, 88, 8);
FIELD(anser_progress, value, 96, 8);
FIELD(anser_progress, least, 104, 8);

SIZE(anser_progress_callback, 32);
FIELD(anser_progress_callback, struct_size, 0, 8);
FIELD(anser_progress_callback, user_data, 8, 8);
FIELD(anser_progress_callback, report, 16, 8);
FIELD(anser_progress_callback, destroy, 24, 8);

SIZE(anser_log_callback, 32);
FIELD(anser_log_callback, struct_size, 0, 8);
FIELD(anser_log_callback, user_data, 8, 8);
FIELD(anser_log_callback, log, 16, 8);
FIELD(anser_log_callback, destroy, 24, 8);

SIZE(anser_sink, 32);
FIELD(anser_sink, struct_size, 0, 8);
FIELD(anser_sink, user_data, 8, 8);
FIELD(anser_sink, write, 16, 8);
FIELD(anser_sink, destroy, 24, 8);

SIZE(anser_sample_callback, 32);
FIELD(anser_sample_callback, struct_size, 0, 8);
FIELD(anser_sample_callback, user_data, 8, 8);
FIELD(anser_sample_callback, sample, 16, 8);
FIELD(anser_sample_callback, destroy, 24, 8);

SIZE(anser_sampler_options, 56);
FIELD(anser_sampler_options, struct_size, 0, 8);
FIELD(anser_sampler_options, method, 8, 4);
FIELD(anser_sampler_options, hash_family, 12, 4);
FIELD(anser_sampler_options, hash_density, 16, 8);
FIELD(anser_sampler_options, epsilon, 24, 8);
FIELD(anser_sampler_options, per_cell, 32, 8);
FIELD(anser_sampler_options, distinct, 40, 4);
FIELD(anser_sampler_options, threads, 44, 4);
FIELD(anser_sampler_options, seed, 48, 8);

SIZE(anser_sampler_statistics, 56);
FIELD(anser_sampler_statistics, struct_size, 0, 8);
FIELD(anser_sampler_statistics, samples, 8, 8);
FIELD(anser_sampler_statistics, draws, 16, 8);
FIELD(anser_sampler_statistics, failed, 24, 8);
FIELD(anser_sampler_statistics, repeated, 32, 8);
FIELD(anser_sampler_statistics, cells, 40, 8);
FIELD(anser_sampler_statistics, rows, 48, 8);

SIZE(anser_search_options, 72); /* 64 before there were scorers */
FIELD(anser_search_options, struct_size, 0, 8);
FIELD(anser_search_options, method, 8, 4);
FIELD(anser_search_options, threads, 12, 4);
FIELD(anser_search_options, walkers, 16, 8);
FIELD(anser_search_options, flips, 24, 8);
FIELD(anser_search_options, tries, 32, 8);
FIELD(anser_search_options, seed, 40, 8);
FIELD(anser_search_options, walk, 48, 8);
FIELD(anser_search_options, has_walk, 56, 4);
FIELD(anser_search_options, reserved, 60, 4);
FIELD(anser_search_options, temperature, 64, 8);

SIZE(anser_scorer_plan, 96);
FIELD(anser_scorer_plan, struct_size, 0, 8);
FIELD(anser_scorer_plan, num_vars, 8, 8);
FIELD(anser_scorer_plan, num_constraints, 16, 8);
FIELD(anser_scorer_plan, nnz, 24, 8);
FIELD(anser_scorer_plan, num_walkers, 32, 8);
FIELD(anser_scorer_plan, flips, 40, 8);
FIELD(anser_scorer_plan, walk, 48, 8);
FIELD(anser_scorer_plan, walkers_per_slot, 56, 4);
FIELD(anser_scorer_plan, num_slots, 60, 4);
FIELD(anser_scorer_plan, output, 64, 4);
FIELD(anser_scorer_plan, dtype, 68, 4);
FIELD(anser_scorer_plan, k, 72, 4);
FIELD(anser_scorer_plan, bit_order, 76, 4);
FIELD(anser_scorer_plan, row_align, 80, 4);
FIELD(anser_scorer_plan, flags, 84, 4);
FIELD(anser_scorer_plan, timeout_ns, 88, 8);

SIZE(anser_csr, 48);
FIELD(anser_csr, num_rows, 0, 8);
FIELD(anser_csr, nnz, 8, 8);
FIELD(anser_csr, offset_bits, 16, 4);
FIELD(anser_csr, reserved, 20, 4);
FIELD(anser_csr, offsets, 24, 8);
FIELD(anser_csr, columns, 32, 8);
FIELD(anser_csr, weights, 40, 8);

SIZE(anser_graph, 144);
FIELD(anser_graph, struct_size, 0, 8);
FIELD(anser_graph, num_vars, 8, 8);
FIELD(anser_graph, num_constraints, 16, 8);
FIELD(anser_graph, hash, 24, 8);
FIELD(anser_graph, con_to_lit, 32, 48);
FIELD(anser_graph, lit_to_con, 80, 48);
FIELD(anser_graph, kinds, 128, 8);
FIELD(anser_graph, bounds, 136, 8);

SIZE(anser_flip, 8);
FIELD(anser_flip, walker, 0, 4);
FIELD(anser_flip, var, 4, 4);

SIZE(anser_batch, 176);
FIELD(anser_batch, struct_size, 0, 8);
FIELD(anser_batch, seq, 8, 8);
FIELD(anser_batch, first_walker, 16, 8);
FIELD(anser_batch, slot, 24, 4);
FIELD(anser_batch, size, 28, 4);
FIELD(anser_batch, walkers, 32, 8);
FIELD(anser_batch, reload, 40, 8);
FIELD(anser_batch, num_reload, 48, 8);
FIELD(anser_batch, retired, 56, 8);
FIELD(anser_batch, num_retired, 64, 8);
FIELD(anser_batch, flips, 72, 8);
FIELD(anser_batch, num_flips, 80, 8);
FIELD(anser_batch, bits, 88, 8);
FIELD(anser_batch, bits_stride, 96, 8);
FIELD(anser_batch, num_unsat, 104, 8);
FIELD(anser_batch, rng, 112, 8);
FIELD(anser_batch, limits, 120, 8);
FIELD(anser_batch, out, 128, 8);
FIELD(anser_batch, out_stride, 136, 8);
FIELD(anser_batch, out_index, 144, 8);
FIELD(anser_batch, out_index_stride, 152, 8);
FIELD(anser_batch, max_flips, 160, 8);
FIELD(anser_batch, counts, 168, 8);
FIELD(anser_batch, max_flips, 160, 8);
FIELD(anser_batch, counts, 168, 8);

SIZE(anser_scorer, 96);
FIELD(anser_scorer, struct_size, 0, 8);
FIELD(anser_scorer, user_data, 8, 8);
FIELD(anser_scorer, destroy, 16, 8);
FIELD(anser_scorer, plan, 24, 8);
FIELD(anser_scorer, alloc, 32, 8);
FIELD(anser_scorer, dealloc, 40, 8);
FIELD(anser_scorer, prepare, 48, 8);
FIELD(anser_scorer, submit, 56, 8);
FIELD(anser_scorer, collect, 64, 8);
FIELD(anser_scorer, drain, 72, 8);
FIELD(anser_scorer, release, 80, 8);
FIELD(anser_scorer, error_text, 88, 8);

SIZE(anser_search_statistics, 64);
FIELD(anser_search_statistics, struct_size, 0, 8);
FIELD(anser_search_statistics, tries, 8, 8);
FIELD(anser_search_statistics, flips, 16, 8);
FIELD(anser_search_statistics, walk, 24, 8);
FIELD(anser_search_statistics, undo, 32, 8);
FIELD(anser_search_statistics, upwards, 40, 8);
FIELD(anser_search_statistics, sideways, 48, 8);
FIELD(anser_search_statistics, downwards, 56, 8);

SIZE(anser_counter_options, 48);
FIELD(anser_counter_options, struct_size, 0, 8);
FIELD(anser_counter_options, epsilon, 8, 8);
FIELD(anser_counter_options, delta, 16, 8);
FIELD(anser_counter_options, hash_family, 24, 4);
FIELD(anser_counter_options, exact, 28, 4);
FIELD(anser_counter_options, hash_density, 32, 8);
FIELD(anser_counter_options, seed, 40, 8);

SIZE(anser_model_callback, 32);
FIELD(anser_model_callback, struct_size, 0, 8);
FIELD(anser_model_callback, user_data, 8, 8);
FIELD(anser_model_callback, model, 16, 8);
FIELD(anser_model_callback, destroy, 24, 8);

SIZE(anser_formula_statistics, 136); /* 80 before there were constraints other than clauses */
FIELD(anser_formula_statistics, struct_size, 0, 8);
FIELD(anser_formula_statistics, variables, 8, 8);
FIELD(anser_formula_statistics, clauses, 16, 8);
FIELD(anser_formula_statistics, literals, 24, 8);
FIELD(anser_formula_statistics, empty, 32, 8);
FIELD(anser_formula_statistics, unit, 40, 8);
FIELD(anser_formula_statistics, binary, 48, 8);
FIELD(anser_formula_statistics, ternary, 56, 8);
FIELD(anser_formula_statistics, longest, 64, 8);
FIELD(anser_formula_statistics, bytes, 72, 8);
FIELD(anser_formula_statistics, xors, 80, 8);
FIELD(anser_formula_statistics, cardinalities, 88, 8);
FIELD(anser_formula_statistics, pseudo_booleans, 96, 8);
FIELD(anser_formula_statistics, linears, 104, 8);
FIELD(anser_formula_statistics, terms, 112, 8);
FIELD(anser_formula_statistics, numbers, 120, 8);
FIELD(anser_formula_statistics, sampling_set, 128, 8);

SIZE(anser_linear_rows, 112);
FIELD(anser_linear_rows, struct_size, 0, 8);
FIELD(anser_linear_rows, num_rows, 8, 8);
FIELD(anser_linear_rows, numbers, 16, 8);
FIELD(anser_linear_rows, coefficients, 24, 8);
FIELD(anser_linear_rows, num_numbers, 32, 8);
FIELD(anser_linear_rows, number_offsets, 40, 8);
FIELD(anser_linear_rows, literals, 48, 8);
FIELD(anser_linear_rows, weights, 56, 8);
FIELD(anser_linear_rows, num_literals, 64, 8);
FIELD(anser_linear_rows, literal_offsets, 72, 8);
FIELD(anser_linear_rows, relations, 80, 8);
FIELD(anser_linear_rows, rhs, 88, 8);
FIELD(anser_linear_rows, conditions, 96, 8);
FIELD(anser_linear_rows, condition_literals, 104, 8);

SIZE(anser_linear_buffers, 112);
FIELD(anser_linear_buffers, struct_size, 0, 8);
FIELD(anser_linear_buffers, num_rows, 8, 8);
FIELD(anser_linear_buffers, numbers, 16, 8);
FIELD(anser_linear_buffers, coefficients, 24, 8);
FIELD(anser_linear_buffers, num_numbers, 32, 8);
FIELD(anser_linear_buffers, number_offsets, 40, 8);
FIELD(anser_linear_buffers, literals, 48, 8);
FIELD(anser_linear_buffers, weights, 56, 8);
FIELD(anser_linear_buffers, num_literals, 64, 8);
FIELD(anser_linear_buffers, literal_offsets, 72, 8);
FIELD(anser_linear_buffers, relations, 80, 8);
FIELD(anser_linear_buffers, rhs, 88, 8);
FIELD(anser_linear_buffers, conditions, 96, 8);
FIELD(anser_linear_buffers, condition_literals, 104, 8);

SIZE(anser_constraint, 96);
FIELD(anser_constraint, struct_size, 0, 8);
FIELD(anser_constraint, kind, 8, 4);
FIELD(anser_constraint, relation, 12, 4);
FIELD(anser_constraint, condition, 16, 4);
FIELD(anser_constraint, condition_literal, 20, 4);
FIELD(anser_constraint, literals, 24, 8);
FIELD(anser_constraint, num_literals, 32, 8);
FIELD(anser_constraint, weights, 40, 8);
FIELD(anser_constraint, bound, 48, 8);
FIELD(anser_constraint, numbers, 56, 8);
FIELD(anser_constraint, coefficients, 64, 8);
FIELD(anser_constraint, num_numbers, 72, 8);
FIELD(anser_constraint, literal_weights, 80, 8);
FIELD(anser_constraint, rhs, 88, 8);

SIZE(anser_option_info, 48);
FIELD(anser_option_info, struct_size, 0, 8);
FIELD(anser_option_info, name, 8, 8);
FIELD(anser_option_info, doc, 16, 8);
FIELD(anser_option_info, default_value, 24, 8);
FIELD(anser_option_info, min_value, 32, 8);
FIELD(anser_option_info, max_value, 40, 8);

SIZE(anser_statistic_info, 24);
FIELD(anser_statistic_info, struct_size, 0, 8);
FIELD(anser_statistic_info, name, 8, 8);
FIELD(anser_statistic_info, doc, 16, 8);

SIZE(anser_layer, 232);
FIELD(anser_layer, struct_size, 0, 8);
FIELD(anser_layer, kind, 8, 4);
FIELD(anser_layer, pad_mode, 12, 4);
FIELD(anser_layer, name, 16, 8);
FIELD(anser_layer, inputs, 24, 8);
FIELD(anser_layer, num_inputs, 32, 8);
FIELD(anser_layer, output, 40, 4);
FIELD(anser_layer, ceil, 44, 4);
FIELD(anser_layer, count_padding, 48, 4);
FIELD(anser_layer, keep_dims, 52, 4);
FIELD(anser_layer, num_axes, 56, 8);
FIELD(anser_layer, kernel, 64, 8);
FIELD(anser_layer, strides, 72, 8);
FIELD(anser_layer, dilations, 80, 8);
FIELD(anser_layer, pads_begin, 88, 8);
FIELD(anser_layer, pads_end, 96, 8);
FIELD(anser_layer, output_padding, 104, 8);
FIELD(anser_layer, starts, 112, 8);
FIELD(anser_layer, steps, 120, 8);
FIELD(anser_layer, lengths, 128, 8);
FIELD(anser_layer, axes, 136, 8);
FIELD(anser_layer, shape, 144, 8);
FIELD(anser_layer, indices, 152, 8);
FIELD(anser_layer, num_indices, 160, 8);
FIELD(anser_layer, axis, 168, 8);
FIELD(anser_layer, axis_count, 176, 8);
FIELD(anser_layer, groups, 184, 8);
FIELD(anser_layer, epsilon, 192, 8);
FIELD(anser_layer, slope, 200, 8);
FIELD(anser_layer, min, 208, 8);
FIELD(anser_layer, max, 216, 8);
FIELD(anser_layer, pad_value, 224, 8);

SIZE(anser_tensor, 56);
FIELD(anser_tensor, struct_size, 0, 8);
FIELD(anser_tensor, name, 8, 8);
FIELD(anser_tensor, shape, 16, 8);
FIELD(anser_tensor, rank, 24, 8);
FIELD(anser_tensor, length, 32, 8);
FIELD(anser_tensor, source, 40, 4);
FIELD(anser_tensor, element_type, 44, 4);
FIELD(anser_tensor, index, 48, 8);

SIZE(anser_constant_view, 56);
FIELD(anser_constant_view, struct_size, 0, 8);
FIELD(anser_constant_view, element_type, 8, 4);
FIELD(anser_constant_view, reserved, 12, 4);
FIELD(anser_constant_view, elements, 16, 8);
FIELD(anser_constant_view, length, 24, 8);
FIELD(anser_constant_view, shape, 32, 8);
FIELD(anser_constant_view, strides, 40, 8);
FIELD(anser_constant_view, rank, 48, 8);

SIZE(anser_network_options, 40);
FIELD(anser_network_options, struct_size, 0, 8);
FIELD(anser_network_options, keep_layers, 8, 4);
FIELD(anser_network_options, reserved, 12, 4);
FIELD(anser_network_options, dim_names, 16, 8);
FIELD(anser_network_options, dim_sizes, 24, 8);
FIELD(anser_network_options, num_dims, 32, 8);

SIZE(anser_halfspaces, 64);
FIELD(anser_halfspaces, struct_size, 0, 8);
FIELD(anser_halfspaces, num_rows, 8, 8);
FIELD(anser_halfspaces, columns, 16, 8);
FIELD(anser_halfspaces, coefficients, 24, 8);
FIELD(anser_halfspaces, num_terms, 32, 8);
FIELD(anser_halfspaces, offsets, 40, 8);
FIELD(anser_halfspaces, bounds, 48, 8);
FIELD(anser_halfspaces, strict, 56, 8);

SIZE(anser_disjuncts_options, 24);
FIELD(anser_disjuncts_options, struct_size, 0, 8);
FIELD(anser_disjuncts_options, limit, 8, 8);
FIELD(anser_disjuncts_options, without_lp, 16, 4);
FIELD(anser_disjuncts_options, reserved, 20, 4);

SIZE(anser_disjuncts_statistics, 40);
FIELD(anser_disjuncts_statistics, struct_size, 0, 8);
FIELD(anser_disjuncts_statistics, nodes, 8, 8);
FIELD(anser_disjuncts_statistics, produced, 16, 8);
FIELD(anser_disjuncts_statistics, dropped_by_interval, 24, 8);
FIELD(anser_disjuncts_statistics, dropped_by_lp, 32, 8);

VALUE(ANSER_STATUS_OK, 0);
VALUE(ANSER_STATUS_NULL_ARGUMENT, 1);
VALUE(ANSER_STATUS_INVALID_ARGUMENT, 2);
VALUE(ANSER_STATUS_INVALID_STATE, 3);
VALUE(ANSER_STATUS_PARSE, 4);
VALUE(ANSER_STATUS_UNSUPPORTED, 5);
VALUE(ANSER_STATUS_OUT_OF_MEMORY, 6);
VALUE(ANSER_STATUS_BAD_STRUCT_SIZE, 7);
VALUE(ANSER_STATUS_IO, 8);
VALUE(ANSER_STATUS_BACKEND_UNAVAILABLE, 9);
VALUE(ANSER_STATUS_CALLBACK_FAILED, 10);
VALUE(ANSER_STATUS_PANIC, 11);
VALUE(ANSER_STATUS_STOPPED, 12);
VALUE(ANSER_STATUS_INTERNAL, 13);
VALUE(ANSER_STATUS_BUFFER_TOO_SMALL, 14);
VALUE(ANSER_STOP_REASON_SOLVED, 0);
VALUE(ANSER_STOP_REASON_TIME, 1);
VALUE(ANSER_STOP_REASON_WORK, 2);
VALUE(ANSER_STOP_REASON_CONFLICTS, 3);
VALUE(ANSER_STOP_REASON_INTERRUPTED, 4);
VALUE(ANSER_STOP_REASON_CALLBACK, 5);
VALUE(ANSER_STOP_REASON_INCOMPLETE, 6);
VALUE(ANSER_RESULT_UNKNOWN, 0);
VALUE(ANSER_RESULT_SAT, 10);
VALUE(ANSER_RESULT_UNSAT, 20);
VALUE(ANSER_RESULT_OPTIMUM, 30);
VALUE(ANSER_PHASE_READ, 1);
VALUE(ANSER_PHASE_MINIMIZE, 9);
VALUE(ANSER_PHASE_LOAD, 2);
VALUE(ANSER_PHASE_SEARCH, 3);
VALUE(ANSER_PHASE_WRITE, 4);
VALUE(ANSER_PHASE_CHECK, 5);
VALUE(ANSER_PHASE_EVALUATE, 6);
VALUE(ANSER_PHASE_BOUND, 7);
VALUE(ANSER_PHASE_VERIFY, 8);
VALUE(ANSER_BOUNDS_METHOD_CROWN, 0);
VALUE(ANSER_BOUNDS_METHOD_INTERVAL, 1);
VALUE(ANSER_BOUNDS_METHOD_ALPHA, 2);
VALUE(ANSER_PROOF_FORMAT_DRAT, 1);
VALUE(ANSER_PROOF_FORMAT_LRAT, 2);
VALUE(ANSER_PROOF_FORMAT_DRAT_BINARY, 3);
VALUE(ANSER_PROOF_FORMAT_LRAT_BINARY, 4);
VALUE(ANSER_PROOF_FORMAT_VERIPB, 5);
VALUE(ANSER_LOG_LEVEL_WARNING, 1);
VALUE(ANSER_LOG_LEVEL_INFO, 2);
VALUE(ANSER_LOG_LEVEL_DEBUG, 3);
VALUE(ANSER_CONDITION_PLAIN, 0);
VALUE(ANSER_CONDITION_IMPLIED, 1);
VALUE(ANSER_CONDITION_REIFIED, 2);
VALUE(ANSER_RELATION_AT_LEAST, 1);
VALUE(ANSER_RELATION_AT_MOST, 2);
VALUE(ANSER_RELATION_EQUAL, 3);
VALUE(ANSER_RELATION_GREATER, 4);
VALUE(ANSER_RELATION_LESS, 5);
VALUE(ANSER_NUMBER_KIND_INTEGER, 1);
VALUE(ANSER_NUMBER_KIND_REAL, 2);
VALUE(ANSER_CONSTRAINT_KIND_CLAUSE, 1);
VALUE(ANSER_CONSTRAINT_KIND_XOR, 2);
VALUE(ANSER_CONSTRAINT_KIND_CARDINALITY, 3);
VALUE(ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN, 4);
VALUE(ANSER_CONSTRAINT_KIND_LINEAR, 5);
VALUE(ANSER_BACKEND_AUTO, 0);
VALUE(ANSER_BACKEND_NATIVE, 1);
VALUE(ANSER_BACKEND_ENCODE, 2);
VALUE(ANSER_BACKEND_Z3, 3);
VALUE(ANSER_BACKEND_MILP, 4);
VALUE(ANSER_BACKEND_PB, 5);
VALUE(ANSER_ENUMERATION_UNKNOWN, 0);
VALUE(ANSER_ENUMERATION_MODEL, 1);
VALUE(ANSER_ENUMERATION_COMPLETE, 2);
VALUE(ANSER_SEARCH_END_UNKNOWN, 0);
VALUE(ANSER_SEARCH_END_MODEL, 1);
VALUE(ANSER_SEARCH_END_OVER, 2);
VALUE(ANSER_SEARCH_END_REFUTED, 3);
VALUE(ANSER_SEARCH_PROBSAT, 0);
VALUE(ANSER_SEARCH_WALKSAT, 1);
VALUE(ANSER_SEARCH_SKC, 2);
VALUE(ANSER_SEARCH_DDFW, 3);
VALUE(ANSER_SCORER_SCORES, 0);
VALUE(ANSER_SCORER_TOPK, 1);
VALUE(ANSER_SCORER_FLIPS, 2);
VALUE(ANSER_BIT_ORDER_WALKER_MAJOR, 0);
VALUE(ANSER_BIT_ORDER_VAR_MAJOR, 1);
VALUE(ANSER_SCORER_DETERMINISTIC, 1);
VALUE(ANSER_SCORER_FULL_BITS, 2);
VALUE(ANSER_SCORER_KEEPS_FLIPS, 4);
VALUE(ANSER_SCORER_DONE, 0);
VALUE(ANSER_SCORER_NOT_YET, 1);
VALUE(ANSER_ELEMENT_TYPE_F32, 1);
VALUE(ANSER_ELEMENT_TYPE_F64, 2);
VALUE(ANSER_ELEMENT_TYPE_F16, 3);
VALUE(ANSER_ELEMENT_TYPE_BF16, 4);
VALUE(ANSER_LAYER_KIND_LINEAR, 1);
VALUE(ANSER_LAYER_KIND_MAT_MUL, 2);
VALUE(ANSER_LAYER_KIND_CONV, 3);
VALUE(ANSER_LAYER_KIND_CONV_TRANSPOSE, 4);
VALUE(ANSER_LAYER_KIND_BATCH_NORM, 5);
VALUE(ANSER_LAYER_KIND_ADD, 6);
VALUE(ANSER_LAYER_KIND_SUB, 7);
VALUE(ANSER_LAYER_KIND_MUL, 8);
VALUE(ANSER_LAYER_KIND_DIV, 9);
VALUE(ANSER_LAYER_KIND_NEG, 10);
VALUE(ANSER_LAYER_KIND_ABS, 11);
VALUE(ANSER_LAYER_KIND_RELU, 12);
VALUE(ANSER_LAYER_KIND_LEAKY_RELU, 13);
VALUE(ANSER_LAYER_KIND_P_RELU, 14);
VALUE(ANSER_LAYER_KIND_SIGN, 15);
VALUE(ANSER_LAYER_KIND_SIGMOID, 16);
VALUE(ANSER_LAYER_KIND_TANH, 17);
VALUE(ANSER_LAYER_KIND_CLIP, 18);
VALUE(ANSER_LAYER_KIND_SOFTMAX, 19);
VALUE(ANSER_LAYER_KIND_MAX_POOL, 20);
VALUE(ANSER_LAYER_KIND_AVERAGE_POOL, 21);
VALUE(ANSER_LAYER_KIND_REDUCE_SUM, 22);
VALUE(ANSER_LAYER_KIND_REDUCE_MEAN, 23);
VALUE(ANSER_LAYER_KIND_RESHAPE, 24);
VALUE(ANSER_LAYER_KIND_TRANSPOSE, 25);
VALUE(ANSER_LAYER_KIND_CONCAT, 26);
VALUE(ANSER_LAYER_KIND_SLICE, 27);
VALUE(ANSER_LAYER_KIND_GATHER, 28);
VALUE(ANSER_LAYER_KIND_PAD, 29);
VALUE(ANSER_RELU_FORM_BIG_M, 0);
VALUE(ANSER_RELU_FORM_SMT, 1);
VALUE(ANSER_RELU_TIGHTENING_CROWN, 0);
VALUE(ANSER_RELU_TIGHTENING_INTERVAL, 1);
VALUE(ANSER_RELU_TIGHTENING_ALPHA, 2);
VALUE(ANSER_PAD_MODE_CONSTANT, 0);
VALUE(ANSER_PAD_MODE_REFLECT, 1);
VALUE(ANSER_PAD_MODE_EDGE, 2);
VALUE(ANSER_TENSOR_SOURCE_INPUT, 1);
VALUE(ANSER_TENSOR_SOURCE_CONSTANT, 2);
VALUE(ANSER_TENSOR_SOURCE_LAYER, 3);

static void version(void) {
  unsigned major, minor, patch;
  char rest;
  CHECK(anser_version_number() == ANSER_VERSION_NUMBER);
  CHECK(ANSER_VERSION_NUMBER == ANSER_VERSION_MAJOR * 1000000 + ANSER_VERSION_MINOR * 1000 + ANSER_VERSION_PATCH);
  CHECK(sscanf(anser_version_string(), "%u.%u.%u%c", &major, &minor, &patch, &rest) == 3);
  CHECK(major == ANSER_VERSION_MAJOR && minor == ANSER_VERSION_MINOR && patch == ANSER_VERSION_PATCH);
  CHECK(anser_version_string() == anser_version_string());
}

static void status_names(void) {
  static const char *const names[] = {
      "ANSER_STATUS_OK",          "ANSER_STATUS_NULL_ARGUMENT",   "ANSER_STATUS_INVALID_ARGUMENT",
      "ANSER_STATUS_INVALID_STATE", "ANSER_STATUS_PARSE",         "ANSER_STATUS_UNSUPPORTED",
      "ANSER_STATUS_OUT_OF_MEMORY", "ANSER_STATUS_BAD_STRUCT_SIZE", "ANSER_STATUS_IO",
      "ANSER_STATUS_BACKEND_UNAVAILABLE", "ANSER_STATUS_CALLBACK_FAILED", "ANSER_STATUS_PANIC",
      "ANSER_STATUS_STOPPED",     "ANSER_STATUS_INTERNAL",
      "ANSER_STATUS_BUFFER_TOO_SMALL"};
  for (size_t i = 0; i < COUNT(names); i++) CHECK(strcmp(anser_status_name((int32_t)i), names[i]) == 0);
  static const int32_t none[] = {-1, 15, 100, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(none); i++) CHECK(strcmp(anser_status_name(none[i]), "ANSER_STATUS_?") == 0);
}

#define NAMED(function, value) CHECK(strcmp(function(value), #value) == 0)
static void other_names(void) {
  NULL_ARGUMENT(anser_formula_new(NULL), "out_formula");
  NAMED(anser_result_name, ANSER_RESULT_UNKNOWN);
  NAMED(anser_result_name, ANSER_RESULT_SAT);
  NAMED(anser_result_name, ANSER_RESULT_UNSAT);
  NAMED(anser_result_name, ANSER_RESULT_OPTIMUM);
  static const int32_t results[] = {-1, 1, 9, 11, 19, 21, 29, 31, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(results); i++) CHECK(strcmp(anser_result_name(results[i]), "ANSER_RESULT_?") == 0);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_SOLVED);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_TIME);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_WORK);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_CONFLICTS);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_INTERRUPTED);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_CALLBACK);
  NAMED(anser_stop_reason_name, ANSER_STOP_REASON_INCOMPLETE);
  static const int32_t reasons[] = {-1, 7, 10, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(reasons); i++)
    CHECK(strcmp(anser_stop_reason_name(reasons[i]), "ANSER_STOP_REASON_?") == 0);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_LINEAR);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_MAT_MUL);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_CONV);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_CONV_TRANSPOSE);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_BATCH_NORM);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_ADD);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_SUB);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_MUL);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_DIV);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_NEG);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_ABS);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_RELU);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_LEAKY_RELU);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_P_RELU);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_SIGN);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_SIGMOID);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_TANH);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_CLIP);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_SOFTMAX);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_MAX_POOL);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_AVERAGE_POOL);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_REDUCE_SUM);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_REDUCE_MEAN);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_RESHAPE);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_TRANSPOSE);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_CONCAT);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_SLICE);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_GATHER);
  NAMED(anser_layer_kind_name, ANSER_LAYER_KIND_PAD);
  static const int32_t kinds[] = {-1, 0, 30, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < COUNT(kinds); i++) CHECK(strcmp(anser_layer_kind_name(kinds[i]), "ANSER_LAYER_KIND_?") == 0);
  CHECK(anser_result_name(10) == anser_result_name(10) && anser_stop_reason_name(1) == anser_stop_reason_name(1));
  CHECK(strstr(anser_last_error(), "out_formula") != NULL); /* naming leaves the thread's last error */
  anser_formula *formula = NULL;
  OK(anser_formula_new(&formula));
  anser_formula_free(formula);
}

static void initializers(void) {
  anser_progress_callback progress = ANSER_PROGRESS_CALLBACK_INIT;
  anser_log_callback log = ANSER_LOG_CALLBACK_INIT;
  anser_sink sink = ANSER_SINK_INIT;
  anser_model_callback model = ANSER_MODEL_CALLBACK_INIT;
  anser_formula_statistics statistics = ANSER_FORMULA_STATISTICS_INIT;
  anser_option_info option = ANSER_OPTION_INFO_INIT;
  anser_statistic_info statistic = ANSER_STATISTIC_INFO_INIT;
  CHECK(progress.struct_size == sizeof progress && !progress.user_data && !progress.report && !progress.destroy);
  CHECK(log.struct_size == sizeof log && !log.user_data && !log.log && !log.destroy);
  CHECK(sink.struct_size == sizeof sink && !sink.user_data && !sink.write && !sink.destroy);
  CHECK(model.struct_size == sizeof model && !model.user_data && !model.model && !model.destroy);
  CHECK(statistics.struct_size == sizeof statistics && !statistics.variables && !statistics.bytes);
  CHECK(!statistics.xors && !statistics.sampling_set);
  anser_linear_rows rows = ANSER_LINEAR_ROWS_INIT;
  anser_linear_buffers buffers = ANSER_LINEAR_BUFFERS_INIT;
  anser_constraint constraint = ANSER_CONSTRAINT_INIT;
  CHECK(rows.struct_size == sizeof rows && !rows.num_rows && !rows.numbers && !rows.condition_literals);
  CHECK(buffers.struct_size == sizeof buffers && !buffers.num_rows && !buffers.numbers && !buffers.condition_literals);
  CHECK(constraint.struct_size == sizeof constraint && !constraint.kind && !constraint.literals && constraint.rhs == 0);
  CHECK(option.struct_size == sizeof option && !option.name && !option.doc && !option.max_value);
  CHECK(statistic.struct_size == sizeof statistic && !statistic.name && !statistic.doc);
  /* All zero but the size. */
#define ZERO(type, initializer)                                              \
  do {                                                                       \
    type made = initializer, zero;                                           \
    memset(&zero, 0, sizeof zero);                                           \
    zero.struct_size = sizeof zero;                                          \
    CHECK(memcmp(&made, &zero, sizeof made) == 0);                           \
  } while (0)
  ZERO(anser_sample_callback, ANSER_SAMPLE_CALLBACK_INIT);
  ZERO(anser_sampler_options, ANSER_SAMPLER_OPTIONS_INIT);
  ZERO(anser_sampler_statistics, ANSER_SAMPLER_STATISTICS_INIT);
  ZERO(anser_counter_options, ANSER_COUNTER_OPTIONS_INIT);
  ZERO(anser_search_options, ANSER_SEARCH_OPTIONS_INIT);
  ZERO(anser_search_statistics, ANSER_SEARCH_STATISTICS_INIT);
  ZERO(anser_scorer, ANSER_SCORER_INIT);
  ZERO(anser_scorer_plan, ANSER_SCORER_PLAN_INIT);
  ZERO(anser_layer, ANSER_LAYER_INIT);
  ZERO(anser_tensor, ANSER_TENSOR_INIT);
  ZERO(anser_constant_view, ANSER_CONSTANT_VIEW_INIT);
  ZERO(anser_network_options, ANSER_NETWORK_OPTIONS_INIT);
  ZERO(anser_halfspaces, ANSER_HALFSPACES_INIT);
  ZERO(anser_disjuncts_options, ANSER_DISJUNCTS_OPTIONS_INIT);
  ZERO(anser_disjuncts_statistics, ANSER_DISJUNCTS_STATISTICS_INIT);
  ZERO(anser_relu_options, ANSER_RELU_OPTIONS_INIT);
  ZERO(anser_relu_neurons, ANSER_RELU_NEURONS_INIT);
}

int main(void) {
  RUN(version);
  RUN(status_names);
  RUN(other_names);
  RUN(initializers);
  return report();
}

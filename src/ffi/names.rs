//! Names of enumerators, for messages.

use std::ffi::c_char;

use super::guard::guard_plain;

/// The name of a status, such as "ANSER_STATUS_OK"; "ANSER_STATUS_?" for a value that is none. Static; never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn anser_status_name(status: i32) -> *const c_char {
    guard_plain(|| {
        let name = match status {
            0 => c"ANSER_STATUS_OK",
            1 => c"ANSER_STATUS_NULL_ARGUMENT",
            2 => c"ANSER_STATUS_INVALID_ARGUMENT",
            3 => c"ANSER_STATUS_INVALID_STATE",
            4 => c"ANSER_STATUS_PARSE",
            5 => c"ANSER_STATUS_UNSUPPORTED",
            6 => c"ANSER_STATUS_OUT_OF_MEMORY",
            7 => c"ANSER_STATUS_BAD_STRUCT_SIZE",
            8 => c"ANSER_STATUS_IO",
            9 => c"ANSER_STATUS_BACKEND_UNAVAILABLE",
            10 => c"ANSER_STATUS_CALLBACK_FAILED",
            11 => c"ANSER_STATUS_PANIC",
            12 => c"ANSER_STATUS_STOPPED",
            13 => c"ANSER_STATUS_INTERNAL",
            14 => c"ANSER_STATUS_BUFFER_TOO_SMALL",
            _ => c"ANSER_STATUS_?",
        };
        name.as_ptr()
    })
}

/// The name of a result, such as "ANSER_RESULT_SAT"; "ANSER_RESULT_?" for a value that is none. Static; never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn anser_result_name(result: i32) -> *const c_char {
    guard_plain(|| {
        let name = match result {
            0 => c"ANSER_RESULT_UNKNOWN",
            10 => c"ANSER_RESULT_SAT",
            20 => c"ANSER_RESULT_UNSAT",
            30 => c"ANSER_RESULT_OPTIMUM",
            _ => c"ANSER_RESULT_?",
        };
        name.as_ptr()
    })
}

/// The name of a stop reason, such as "ANSER_STOP_REASON_TIME"; "ANSER_STOP_REASON_?" for a value that is none. Static;
/// never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn anser_stop_reason_name(reason: i32) -> *const c_char {
    guard_plain(|| {
        let name = match reason {
            0 => c"ANSER_STOP_REASON_SOLVED",
            1 => c"ANSER_STOP_REASON_TIME",
            2 => c"ANSER_STOP_REASON_WORK",
            3 => c"ANSER_STOP_REASON_CONFLICTS",
            4 => c"ANSER_STOP_REASON_INTERRUPTED",
            5 => c"ANSER_STOP_REASON_CALLBACK",
            6 => c"ANSER_STOP_REASON_INCOMPLETE",
            _ => c"ANSER_STOP_REASON_?",
        };
        name.as_ptr()
    })
}

/// The name of a layer's kind, such as "ANSER_LAYER_KIND_LINEAR"; "ANSER_LAYER_KIND_?" for a value that is none. Static;
/// never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn anser_layer_kind_name(kind: i32) -> *const c_char {
    guard_plain(|| {
        let name = match kind {
            1 => c"ANSER_LAYER_KIND_LINEAR",
            2 => c"ANSER_LAYER_KIND_MAT_MUL",
            3 => c"ANSER_LAYER_KIND_CONV",
            4 => c"ANSER_LAYER_KIND_CONV_TRANSPOSE",
            5 => c"ANSER_LAYER_KIND_BATCH_NORM",
            6 => c"ANSER_LAYER_KIND_ADD",
            7 => c"ANSER_LAYER_KIND_SUB",
            8 => c"ANSER_LAYER_KIND_MUL",
            9 => c"ANSER_LAYER_KIND_DIV",
            10 => c"ANSER_LAYER_KIND_NEG",
            11 => c"ANSER_LAYER_KIND_ABS",
            12 => c"ANSER_LAYER_KIND_RELU",
            13 => c"ANSER_LAYER_KIND_LEAKY_RELU",
            14 => c"ANSER_LAYER_KIND_P_RELU",
            15 => c"ANSER_LAYER_KIND_SIGN",
            16 => c"ANSER_LAYER_KIND_SIGMOID",
            17 => c"ANSER_LAYER_KIND_TANH",
            18 => c"ANSER_LAYER_KIND_CLIP",
            19 => c"ANSER_LAYER_KIND_SOFTMAX",
            20 => c"ANSER_LAYER_KIND_MAX_POOL",
            21 => c"ANSER_LAYER_KIND_AVERAGE_POOL",
            22 => c"ANSER_LAYER_KIND_REDUCE_SUM",
            23 => c"ANSER_LAYER_KIND_REDUCE_MEAN",
            24 => c"ANSER_LAYER_KIND_RESHAPE",
            25 => c"ANSER_LAYER_KIND_TRANSPOSE",
            26 => c"ANSER_LAYER_KIND_CONCAT",
            27 => c"ANSER_LAYER_KIND_SLICE",
            28 => c"ANSER_LAYER_KIND_GATHER",
            29 => c"ANSER_LAYER_KIND_PAD",
            _ => c"ANSER_LAYER_KIND_?",
        };
        name.as_ptr()
    })
}

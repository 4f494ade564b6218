// Why a name or a parameter of PyTorch has no counterpart here. What no line covers is present, or stands in
// coverage-missing.json as not yet there.

/** What the words of the table mean. */
export const reasons = {
  sparse: 'belongs to sparse tensors',
  quantised: 'belongs to quantised tensors',
  nested: 'belongs to nested tensors',
  named: 'belongs to named axes',
  device: 'belongs to devices, memory layouts or libraries that a tensor here has no choice of',
  'out=': 'results go to a new tensor; in-place forms write the first operand',
  Python: 'part of Python or of how PyTorch is built, not of what it computes',
  complex: 'needs complex numbers, a later step',
  superseded: 'PyTorch itself has another name or form in its place',
}

/** By area (`*` is every area), the reason and the names, whole. */
const names = [
  ['*', 'Python', /^_/],
  [
    'aten',
    'sparse',
    /sparse|coalesce|^c?c?(row|col)_indices|^(indices|values)(_copy)?$|^(hspmm|sspaddmm|smm|to_dense|dense_dim)/,
  ],
  ['aten', 'quantised', /quant|fbgemm|^q_|int_repr|qscheme|qparams/],
  ['aten', 'nested', /padded_tensor/],
  [
    'aten',
    'device',
    /^(cudnn|miopen|mkldnn)_|mkldnn|^is_(vulkan|pinned|distributed)|^(cuda|pin_memory|get_device|record_stream|wait|batch_norm_(stats|elemt|backward|gather|update).*)$/,
  ],
  [
    'aten',
    'complex',
    /complex|^(conj|is_conj|is_neg|resolve_(conj|neg)|imag|real|polar|istft|stft|view_as_real.*|chalf)|^conj_physical_?$/,
  ],
  [
    'aten',
    'Python',
    /^(output_nr|sym_constrain.*|hash_tensor|from_file|Size|.*_copy|native_.*|unsafe_.*|split_with_sizes|slice_inverse|(frobenius|nuclear)_norm|norm_except_dim|convolution|grid_sampler.*|affine_grid_generator|constant_pad_nd|embedding_renorm_|feature_dropout_?|(gru|lstm)|rnn_(relu|tanh)(_cell)?)$/,
  ],
  [
    'aten',
    'superseded',
    /^(range|chain_matmul|cholesky|qr|svd|lu_solve|triangular_solve|is_autocast_cpu_enabled)$/,
  ],
  ['fft', 'complex', /^(?!fftshift|ifftshift|fftfreq|rfftfreq)/],
  ['linalg', 'complex', /^eig(vals)?$/],
  ['nn', 'device', /^(DataParallel|SyncBatchNorm)$/],
  ['nn', 'superseded', /^(Container|NLLLoss2d)$/],
  ['nn.Module', 'device', /^(cuda|ipu|mtia|xpu|share_memory)$/],
  ['nn.Module', 'Python', /^(compile|extra_repr)$/],
  ['nn.Module', 'superseded', /^register_backward_hook$/],
  ['nn.functional', 'device', /^(scaled_mm|scaled_grouped_mm|grouped_mm)$/],
  ['nn.functional', 'superseded', /^(native_channel_shuffle|upsample.*)$/],
  [
    'nn.init',
    'superseded',
    /^(constant|dirac|eye|kaiming_normal|kaiming_uniform|normal|orthogonal|sparse|uniform|xavier_normal|xavier_uniform)$/,
  ],
  ['nn.utils', 'superseded', /^(clip_grad_norm|remove_(spectral|weight)_norm|spectral_norm|weight_norm)$/],
  ['nn.utils', 'device', /^convert_conv/],
  ['nn.utils.rnn', 'Python', /^(NamedTuple|bind|copy_method_params)$/],
  ['nn.utils.parametrize', 'Python', /^(contextmanager|deepcopy|get_swap|is_opaque|is_traceable)/],
  ['optim', 'sparse', /^SparseAdam$/],
  ['optim.lr_scheduler', 'Python', /^SupportsFloat$/],
  ['optim.swa_utils', 'device', /multi_avg_fn$/],
  ['utils.data', 'superseded', /DataPipe|DataChunk|datapipe|determinism|validation|non_deterministic/],
  [
    'utils.checkpoint',
    'Python',
    /^(check_backward_validity|detach_variable|get_device_states|set_device_states|noop_context_fn|set_checkpoint_(early_stop|debug_enabled))$/,
  ],
  ['func', 'Python', /^(functionalize|rearrange|debug_unwrap)$/],
  ['module functions', 'Python', /^(compile|from_numpy)$/],
  ['module functions', 'device', /^set_num_threads$/],
  ['Tensor properties and Python methods', 'complex', /^(cdouble|cfloat)$/],
  ['Tensor properties and Python methods', 'sparse', /sparse/],
  ['Tensor properties and Python methods', 'quantised', /quantized/],
  ['Tensor properties and Python methods', 'nested', /nested/],
  ['Tensor properties and Python methods', 'device', /^(is_.*|ipu|xpu|mtia|share_memory_|layout|dim_order)$/],
  [
    'Tensor properties and Python methods',
    'superseded',
    /^(eig|symeig|solve|lstsq|lu|volatile|new|reinforce|storage|storage_type|ndimension)$/,
  ],
  [
    'Tensor properties and Python methods',
    'Python',
    /^(as_subclass|const_data_ptr|data_ptr|apply_|map_|map2_|module_load|untyped_storage|name|numpy|grad_dtype)$/,
  ],
]

/** By area and name, as far as they are given, the reason and the parameters, whole. */
const parameters = [
  ['*', /./, 'out=', /^out$/],
  [
    '*',
    /./,
    'device',
    /^(device|pin_memory|pin_memory_device|non_blocking|memory_format|driver|device_type|backend|cudnn_enabled?|use_cutlass|multiprocessing_context)$/,
  ],
  ['*', /./, 'sparse', /^(layout|sparse|sparse_grad|is_coalesced|check_sparse_nnz|masked)$/],
  ['*', /./, 'nested', /^(enable_nested_tensor|mask_check)$/],
  ['*', /./, 'named', /^names$/],
  ['*', /loss|Loss|entropy|kl_div/, 'superseded', /^(size_average|reduce)$/],
  ['*', /./, 'Python', /^(_.*|kwargs|unsafe|validate_args|pickle_.*)$/],
  ['utils.data', /./, 'Python', /^args$/],
  ['nn.functional', /^gumbel_softmax$/, 'superseded', /^eps$/],
  // which these names give, whatever it says
  ['nn.functional', /_with_indices$/, 'Python', /^return_indices$/],
  ['nn.functional', /^elu_$/, 'Python', /scale$/],
  // a number in the place of `tensor` and `other`
  ['aten', /^result_type$/, 'Python', /^scalar[12]?$/],
  ['aten', /^(device|as_tensor|broadcast_shapes|segment_reduce)$/, 'Python', /^(type|index|t|b|indices)$/],
  ['nn.Module', /./, 'Python', /^(args|kwargs|destination|memo)$/],
  ['autograd', /^(backward|grad)$/, 'superseded', /^(grad_variables|only_inputs)$/],
  // forms of TorchScript for lists and text, and of the method of a module
  [
    'aten',
    /^(sort|split|copy_|add_|mul|ldexp|einsum|expand|max|min|seed|initial_seed|manual_seed|requires_grad_|backward|grad|isin|tensor|dropout|alpha_dropout|feature_dropout|gru_cell|lstm_cell)$/,
    'Python',
    /^(reverse|separator|max|other|b|n|l|x|i|path|implicit|self|tensors|grad_tensors|outputs|inputs|grad_outputs|retain_graph|create_graph|allow_unused|assume_unique|t)$/,
  ],
]

const applies = (area, given) => area === '*' || area === given

export function reasonOfName(area, name) {
  return names.find(([where, , pattern]) => applies(where, area) && pattern.test(name))?.[1]
}

export function reasonOfParameter(area, name, parameter) {
  return parameters.find(
    ([where, of, , pattern]) => applies(where, area) && of.test(name) && pattern.test(parameter),
  )?.[2]
}

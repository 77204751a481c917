"""
The operations that a SavedModel of others may contain: those that compute with tensors, strings, variables and tables.

How the list was made: the operations that TensorFlow 2.21 and tensorflow-text 2.21 register were sorted by the module
that defines them. Those that BERT encoders and their preprocessing are built from were copied by hand: arithmetic,
shapes, strings, ragged and sparse tensors, control flow, random numbers, variables, tables, and tokenizers. Being
"stateless" was not enough to be copied: TensorFlow also calls `ReadFile`, `ImmutableConst` and `PyFuncStateless`
stateless. Not copied were operations on files, networks, datasets, images, Python functions, devices, sessions and
queues, and all that print or run compiled code. An operation that is missing here is refused, also where it is
harmless; add it if a published BERT needs it and its documentation names no file, host or program.
"""

ARITHMETIC = """
    Abs AccumulateNV2 Acos Acosh Add AddN AddV2 All Any ApproximateEqual ArgMax ArgMin Asin Asinh Atan Atan2 Atanh
    BatchMatMul BatchMatMulV2 BatchMatMulV3 Bincount BitwiseAnd BitwiseOr BitwiseXor Bucketize Cast Ceil ClipByValue Cos
    Cosh Cumprod Cumsum CumulativeLogsumexp DenseBincount Div DivNoNan Einsum Equal Erf Erfc Erfinv EuclideanNorm Exp
    Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Inv Invert IsFinite IsInf IsNan LeftShift Less LessEqual Lgamma
    LinSpace Log Log1p LogicalAnd LogicalNot LogicalOr MatMul Max Maximum Mean Min Minimum Mod Mul MulNoNan Neg NotEqual
    Pow Prod Range RealDiv Reciprocal RightShift Rint Round Rsqrt SegmentMax SegmentMaxV2 SegmentMean SegmentMin
    SegmentMinV2 SegmentProd SegmentProdV2 SegmentSum SegmentSumV2 Select SelectV2 Sigmoid Sign Sin Sinh Sqrt Square
    SquaredDifference Sub Sum Tan Tanh TruncateDiv TruncateMod UnsortedSegmentMax UnsortedSegmentMin
    UnsortedSegmentProd UnsortedSegmentSum Xdivy Xlogy
"""
GRADIENTS = """
    BiasAddGrad BroadcastGradientArgs EluGrad FusedBatchNormGrad FusedBatchNormGradV2 FusedBatchNormGradV3 InvGrad
    LeakyReluGrad ReciprocalGrad Relu6Grad ReluGrad RsqrtGrad SeluGrad SigmoidGrad SoftplusGrad SoftsignGrad SqrtGrad
    StridedSliceGrad TanhGrad
"""
NETWORKS = """
    BiasAdd BiasAddV1 Elu FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 InTopK InTopKV2 L2Loss LeakyRelu LogSoftmax
    NthElement Relu Relu6 Selu Softmax SoftmaxCrossEntropyWithLogits Softplus Softsign
    SparseSoftmaxCrossEntropyWithLogits TopK TopKV2
"""
SHAPES = """
    BatchMatrixBandPart BatchMatrixDiag BatchMatrixDiagPart BatchMatrixSetDiag Bitcast BroadcastArgs BroadcastTo
    CheckNumerics CheckNumericsV2 Concat ConcatOffset ConcatV2 Const DeepCopy Diag DiagPart DynamicPartition
    DynamicStitch Empty EnsureShape ExpandDims Fill Gather GatherNd GatherV2 GuaranteeConst Identity IdentityN
    InplaceAdd InplaceSub InplaceUpdate InvertPermutation ListDiff LowerBound MatrixBandPart MatrixDiag MatrixDiagPart
    MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 MatrixSetDiag MatrixSetDiagV2 MatrixSetDiagV3 MirrorPad
    OneHot OnesLike Pack Pad PadV2 ParallelConcat ParallelDynamicStitch Placeholder PlaceholderV2
    PlaceholderWithDefault PreventGradient Rank Reshape Reverse ReverseSequence ReverseV2 Roll ScatterNd
    ScatterNdNonAliasingAdd Shape ShapeN Size Slice Snapshot Split SplitV Squeeze StopGradient StridedSlice
    TensorScatterAdd TensorScatterMax TensorScatterMin TensorScatterSub TensorScatterUpdate TensorStridedSliceUpdate
    Tile Transpose Unique UniqueV2 UniqueWithCounts UniqueWithCountsV2 Unpack UnravelIndex UpperBound Where ZerosLike
"""
STRINGS = """
    AsString DecodeBase64 DecodeRaw EncodeBase64 ReduceJoin RegexFullMatch RegexReplace StaticRegexFullMatch
    StaticRegexReplace StringFormat StringJoin StringLength StringLower StringNGrams StringSplit StringSplitV2
    StringStrip StringToHashBucket StringToHashBucketFast StringToHashBucketStrong StringToNumber StringUpper Substr
    UnicodeDecode UnicodeDecodeWithOffsets UnicodeEncode UnicodeScript UnicodeTranscode UnsortedSegmentJoin
"""
RAGGED_AND_SPARSE = """
    DenseToDenseSetOperation DenseToSparseSetOperation RaggedBincount RaggedFillEmptyRows RaggedFillEmptyRowsGrad
    RaggedGather RaggedRange RaggedTensorFromVariant RaggedTensorToSparse RaggedTensorToTensor RaggedTensorToVariant
    RaggedTensorToVariantGradient SetSize SparseAdd SparseConcat SparseFillEmptyRows SparseFillEmptyRowsGrad
    SparseReduceMax SparseReduceSum SparseReorder SparseReshape SparseSegmentMean SparseSegmentMeanWithNumSegments
    SparseSegmentSqrtN SparseSegmentSqrtNWithNumSegments SparseSegmentSum SparseSegmentSumWithNumSegments SparseSlice
    SparseSparseMaximum SparseSparseMinimum SparseSplit SparseTensorDenseMatMul SparseToDense
    SparseToSparseSetOperation
"""
TOKENIZERS = """
    CaseFoldUTF8 FastBertNormalize FastWordpieceTokenizeWithOffsets NormalizeUTF8 NormalizeUTF8WithOffsetsMap
    RegexSplitWithOffsets SentenceFragments SentenceFragmentsV2 SentencepieceDetokenizeOp SentencepieceIdToStringOp
    SentencepieceOp SentencepieceStringToIdOp SentencepieceTokenizeOp SentencepieceTokenizeWithOffsetsOp
    SentencepieceVocabSizeOp SplitMergeTokenizeWithOffsets TFText>BoiseTagsToOffsets TFText>ByteSplitByOffsets
    TFText>ByteSplitWithOffsets TFText>FastSentencepieceDetokenize
    TFText>FastSentencepieceTokenize TFText>FastWordpieceDetokenize
    TFText>NgramsStringJoin TFText>OffsetsToBoiseTags TFText>RoundRobinGenerateMasks TFText>RoundRobinTrim
    TFText>Utf8Binarize TFText>WhitespaceTokenizeWithOffsetsV2 UnicodeScriptTokenizeWithOffsets
    WhitespaceTokenizeWithOffsets WordpieceTokenizeWithOffsets
"""
CONTROL_FLOW = """
    Assert Case ControlTrigger Enter Exit FakeParam If LoopCond Merge NextIteration NoOp PartitionedCall
    StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile Switch ToBool While
"""
LISTS = """
    EmptyTensorList TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3 TensorArrayScatterV3
    TensorArraySizeV3 TensorArraySplitV3 TensorArrayV3 TensorArrayWriteV3 TensorListConcat TensorListConcatLists
    TensorListConcatV2 TensorListElementShape TensorListFromTensor TensorListGather TensorListGetItem TensorListLength
    TensorListPopBack TensorListPushBack TensorListPushBackBatch TensorListReserve TensorListResize TensorListScatter
    TensorListScatterIntoExistingList TensorListScatterV2 TensorListSetItem TensorListSplit TensorListStack
"""
RANDOM = """
    Multinomial NonDeterministicInts ParameterizedTruncatedNormal RandomShuffle RandomStandardNormal RandomUniform
    RandomUniformInt RngReadAndSkip RngSkip StatefulStandardNormal StatefulStandardNormalV2 StatefulTruncatedNormal
    StatefulUniform StatefulUniformFullInt StatefulUniformInt StatelessMultinomial StatelessParameterizedTruncatedNormal
    StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomGetKeyCounterAlg StatelessRandomNormal
    StatelessRandomNormalV2 StatelessRandomUniform StatelessRandomUniformFullInt StatelessRandomUniformFullIntV2
    StatelessRandomUniformInt StatelessRandomUniformIntV2 StatelessRandomUniformV2 StatelessShuffle
    StatelessTruncatedNormal StatelessTruncatedNormalV2 TruncatedNormal
"""
VARIABLES_AND_TABLES = """
    AnonymousHashTable AnonymousMutableHashTable AssignAddVariableOp AssignSubVariableOp AssignVariableOp
    DestroyResourceOp DisableCopyOnRead HashTableV2 InitializeTableFromTextFileV2 InitializeTableV2
    LookupTableExportV2 LookupTableFindV2 LookupTableImportV2 LookupTableInsertV2 LookupTableRemoveV2
    LookupTableSizeV2 MutableDenseHashTableV2 MutableHashTableOfTensorsV2 MutableHashTableV2 ReadVariableOp
    ResourceGather ResourceGatherNd ResourceScatterUpdate VarHandleOp VarIsInitializedOp VariableShape
"""

ALLOWED = frozenset(
    " ".join(
        (
            ARITHMETIC,
            GRADIENTS,
            NETWORKS,
            SHAPES,
            STRINGS,
            RAGGED_AND_SPARSE,
            TOKENIZERS,
            CONTROL_FLOW,
            LISTS,
            RANDOM,
            VARIABLES_AND_TABLES,
        )
    ).split()
)
READS_A_VOCABULARY = "InitializeTableFromTextFileV2"  # its first two inputs are the table and the name of the file
CALLS = frozenset(("PartitionedCall", "StatefulPartitionedCall"))  # their inputs are those of the called function
# Only in the functions that save and restore a checkpoint, which nothing else may call.
ONLY_IN_SAVERS = frozenset(("MergeV2Checkpoints", "RestoreV2", "SaveV2", "ShardedFilename"))

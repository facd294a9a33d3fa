import { document } from './document.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant with its offset, as RFC 3339 writes it: 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00. */
  DateTime: { input: string; output: string; }
  /** An ISO 8601 duration, such as PT10M, PT1H, P1D or P1M. */
  Duration: { input: string; output: string; }
  /** A whole number of 64 bits, an xsd:long: written as a string of digits, since JavaScript reads numbers of up to 53 bits only; read from a string or from a number. */
  Long: { input: string | number; output: string; }
};

/** What can be decided on an action. */
export type ActionDecision =
  /** It is to be done: PROPOSED becomes APPROVED. */
  | 'APPROVE'
  /** It is not to be done: PROPOSED or APPROVED becomes REJECTED. */
  | 'REJECT';

/** Conditions on each Action; all that are given must be met. */
export type ActionFilter = {
  and?: InputMaybe<Array<ActionFilter>>;
  at?: InputMaybe<DateTimeFilter>;
  attributedTo?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  dueAt?: InputMaybe<DateTimeFilter>;
  evidence?: InputMaybe<IdFilter>;
  finding?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  kind?: InputMaybe<ActionKindFilter>;
  not?: InputMaybe<ActionFilter>;
  or?: InputMaybe<Array<ActionFilter>>;
  policy?: InputMaybe<IdFilter>;
  position?: InputMaybe<TextFilter>;
  property?: InputMaybe<IdFilter>;
  realizes?: InputMaybe<IdFilter>;
  reason?: InputMaybe<TextFilter>;
  reference?: InputMaybe<TextFilter>;
  replacement?: InputMaybe<IdFilter>;
  results?: InputMaybe<IdFilter>;
  state?: InputMaybe<ActionStateFilter>;
  steps?: InputMaybe<IdFilter>;
  target?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
  unit?: InputMaybe<IdFilter>;
  value?: InputMaybe<FloatFilter>;
};

/** The fields of class Action to write. */
export type ActionInput = {
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
};

/** The values of ActionKind. */
export type ActionKind =
  | 'DERATE'
  | 'INSPECT'
  | 'OTHER'
  | 'REPAIR'
  | 'REPLACE'
  | 'RETURN'
  | 'UPDATE_SOFTWARE'
  | 'WRITE_SETPOINT';

/** Conditions on a field of type ActionKind; all that are given must be met. */
export type ActionKindFilter = {
  eq?: InputMaybe<ActionKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ActionKind>>;
  ne?: InputMaybe<ActionKind>;
};

/** One sort key for instances of Action. */
export type ActionOrder =
  { at: OrderDirection; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt: OrderDirection; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy: OrderDirection; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt: OrderDirection; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt: OrderDirection; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier: OrderDirection; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri: OrderDirection; kind?: never; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind: OrderDirection; position?: never; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position: OrderDirection; reference?: never; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference: OrderDirection; state?: never; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state: OrderDirection; title?: never; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title: OrderDirection; value?: never; }
  |  { at?: never; decidedAt?: never; decidedBy?: never; dueAt?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; position?: never; reference?: never; state?: never; title?: never; value: OrderDirection; };

/** Conditions on each ActionPolicy; all that are given must be met. */
export type ActionPolicyFilter = {
  and?: InputMaybe<Array<ActionPolicyFilter>>;
  autonomy?: InputMaybe<PolicyAutonomyFilter>;
  confirmations?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  dueWithin?: InputMaybe<DurationFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  grantDigest?: InputMaybe<TextFilter>;
  identifier?: InputMaybe<TextFilter>;
  kind?: InputMaybe<ActionKindFilter>;
  not?: InputMaybe<ActionPolicyFilter>;
  or?: InputMaybe<Array<ActionPolicyFilter>>;
  owner?: InputMaybe<IdFilter>;
  position?: InputMaybe<TextFilter>;
  realizes?: InputMaybe<IdFilter>;
  reason?: InputMaybe<TextFilter>;
  requirements?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
  unitsMax?: InputMaybe<LongFilter>;
};

/** The fields of class ActionPolicy to write. */
export type ActionPolicyInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  dueWithin?: InputMaybe<Scalars['Duration']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<ActionKind>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  position?: InputMaybe<Scalars['String']['input']>;
  realizes?: InputMaybe<Scalars['ID']['input']>;
  requirements?: InputMaybe<Array<Scalars['ID']['input']>>;
  title?: InputMaybe<Scalars['String']['input']>;
  unitsMax?: InputMaybe<Scalars['Long']['input']>;
};

/** One sort key for instances of ActionPolicy. */
export type ActionPolicyOrder =
  { autonomy: OrderDirection; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt: OrderDirection; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy: OrderDirection; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin: OrderDirection; identifier?: never; iri?: never; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier: OrderDirection; iri?: never; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri: OrderDirection; kind?: never; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind: OrderDirection; position?: never; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position: OrderDirection; title?: never; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position?: never; title: OrderDirection; unitsMax?: never; }
  |  { autonomy?: never; decidedAt?: never; decidedBy?: never; dueWithin?: never; identifier?: never; iri?: never; kind?: never; position?: never; title?: never; unitsMax: OrderDirection; };

/** What can be reported of an action. */
export type ActionReport =
  /** Whoever does it takes it on: ORDERED becomes ACKNOWLEDGED. */
  | 'ACKNOWLEDGE'
  /** Whoever was to do it cannot: ORDERED or ACKNOWLEDGED becomes REJECTED. */
  | 'DECLINE'
  /** Whoever does it is asked to: APPROVED becomes ORDERED. */
  | 'ORDER';

/** The values of ActionState. */
export type ActionState =
  | 'ACKNOWLEDGED'
  | 'APPROVED'
  | 'DONE'
  | 'EXPIRED'
  | 'ORDERED'
  | 'PROPOSED'
  | 'REJECTED'
  | 'VERIFIED';

/** Conditions on a field of type ActionState; all that are given must be met. */
export type ActionStateFilter = {
  eq?: InputMaybe<ActionState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ActionState>>;
  ne?: InputMaybe<ActionState>;
};

/** The input of the mutation adopt. */
export type AdoptInput = {
  /** The branch; REF where absent. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** What was pushed to refs/incoming/REF; or any other ref, or a commit id. */
  ref: Scalars['String']['input'];
};

/** Conditions on each Agent; all that are given must be met. */
export type AgentFilter = {
  and?: InputMaybe<Array<AgentFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<AgentFilter>;
  or?: InputMaybe<Array<AgentFilter>>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class Agent to write. */
export type AgentInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of Agent. */
export type AgentOrder =
  { identifier: OrderDirection; iri?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; title: OrderDirection; };

/** The fields of class Artefact to write. */
export type ArtefactInput = {
  commit?: InputMaybe<Scalars['String']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  path?: InputMaybe<Scalars['String']['input']>;
  repository?: InputMaybe<Scalars['String']['input']>;
};

/** Who makes a commit. */
export type AuthorInput = {
  /** Where to reach it. */
  email: Scalars['String']['input'];
  /** The person's or system's name. */
  name: Scalars['String']['input'];
};

/** How a Wöhler line goes on below its knee point. */
export type BelowKnee =
  /** The line goes on with the same slope. */
  | 'ELEMENTARY'
  /** Cycles below the knee do no damage. */
  | 'ENDURED'
  /** The line goes on with the slope 2k - 1, after Haibach. */
  | 'HAIBACH';

/** Conditions on a field of type BelowKnee; all that are given must be met. */
export type BelowKneeFilter = {
  eq?: InputMaybe<BelowKnee>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<BelowKnee>>;
  ne?: InputMaybe<BelowKnee>;
};

/** What a branch rule asks a second person for. */
export type BranchRuleAct =
  /** A decision on a finding or a change request. */
  | 'DECISION'
  /** A merge into the branch. */
  | 'MERGE'
  /** The signature of a design review. */
  | 'SIGNATURE';

/** Conditions on a field of type BranchRuleAct; all that are given must be met. */
export type BranchRuleActFilter = {
  eq?: InputMaybe<BranchRuleAct>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<BranchRuleAct>>;
  ne?: InputMaybe<BranchRuleAct>;
};

/** Conditions on each BranchRule; all that are given must be met. */
export type BranchRuleFilter = {
  and?: InputMaybe<Array<BranchRuleFilter>>;
  branch?: InputMaybe<TextFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  movers?: InputMaybe<TextFilter>;
  not?: InputMaybe<BranchRuleFilter>;
  or?: InputMaybe<Array<BranchRuleFilter>>;
  otherPersonFor?: InputMaybe<BranchRuleActFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class BranchRule to write. */
export type BranchRuleInput = {
  branch?: InputMaybe<Scalars['String']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  movers?: InputMaybe<Array<Scalars['String']['input']>>;
  otherPersonFor?: InputMaybe<Array<BranchRuleAct>>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of BranchRule. */
export type BranchRuleOrder =
  { branch: OrderDirection; identifier?: never; iri?: never; title?: never; }
  |  { branch?: never; identifier: OrderDirection; iri?: never; title?: never; }
  |  { branch?: never; identifier?: never; iri: OrderDirection; title?: never; }
  |  { branch?: never; identifier?: never; iri?: never; title: OrderDirection; };

/** How the client of a broker is connected. */
export type BrokerState =
  /** The client is connected. */
  | 'CONNECTED'
  /** The client is about to connect. */
  | 'CONNECTING'
  /** The thread is not served, so that nobody subscribes. */
  | 'IDLE'
  /** The client waits before it connects again. */
  | 'WAITING';

/** Conditions on each Build; all that are given must be met. */
export type BuildFilter = {
  and?: InputMaybe<Array<BuildFilter>>;
  builtAt?: InputMaybe<DateTimeFilter>;
  confirmations?: InputMaybe<IdFilter>;
  consumed?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<BuildFilter>;
  or?: InputMaybe<Array<BuildFilter>>;
  performedOn?: InputMaybe<IdFilter>;
  realizes?: InputMaybe<IdFilter>;
  site?: InputMaybe<TextFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class Build to write. */
export type BuildInput = {
  builtAt?: InputMaybe<Scalars['DateTime']['input']>;
  consumed?: InputMaybe<Array<Scalars['ID']['input']>>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  performedOn?: InputMaybe<Scalars['ID']['input']>;
  realizes?: InputMaybe<Scalars['ID']['input']>;
  site?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of Build. */
export type BuildOrder =
  { builtAt: OrderDirection; identifier?: never; iri?: never; site?: never; title?: never; }
  |  { builtAt?: never; identifier: OrderDirection; iri?: never; site?: never; title?: never; }
  |  { builtAt?: never; identifier?: never; iri: OrderDirection; site?: never; title?: never; }
  |  { builtAt?: never; identifier?: never; iri?: never; site: OrderDirection; title?: never; }
  |  { builtAt?: never; identifier?: never; iri?: never; site?: never; title: OrderDirection; };

/** Whether a stretch is known. */
export type Certainty =
  /** The version states so. */
  | 'CERTAIN'
  /** It may have been so: a start, an end or a revision is not known. Its hours count for nobody. */
  | 'UNKNOWN';

/** One change of a commit. A put makes a resource or changes it: an absent field stays, null removes the value, a list replaces the list; without an id one is made. Fragments are given with their owner: an entry with an id (or #NAME) keeps what it does not mention, one without states the whole fragment. */
export type Change =
  /** Makes a link. */
  { link: LinkInput; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  /** Changes one; only proposeActions, decideActions, reportActions, completeAction, verifyAction or runPolicies makes one. */
  { link?: never; putAction: ActionInput; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy: ActionPolicyInput; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent: AgentInput; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule: BranchRuleInput; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild: BuildInput; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest: ChangeRequestInput; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  /** Changes one; only runDataMonitors makes one. */
  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding: DataFindingInput; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  /** Changes one; only openReview makes one. */
  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview: DesignReviewInput; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision: DesignRevisionInput; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode: FailureModeInput; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent: FieldEventInput; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  /** Changes one; only recordEvidence, runMonitors, recordForecasts, recordDeviations or decideFinding makes one. */
  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding: FindingInput; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation: InstallationInput; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement: MeasurementInput; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification: ModificationInput; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart: PartInput; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty: PropertyInput; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement: RequirementInput; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun: SimulationRunInput; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase: TestCaseInput; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult: TestResultInput; putTwinInstance?: never; retire?: never; unlink?: never; }
  |  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance: TwinInstanceInput; retire?: never; unlink?: never; }
  |  /** Removes a resource and its fragments; nothing may link to it any more. */
  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire: Scalars['ID']['input']; unlink?: never; }
  |  /** Removes a link. */
  { link?: never; putAction?: never; putActionPolicy?: never; putAgent?: never; putBranchRule?: never; putBuild?: never; putChangeRequest?: never; putDataFinding?: never; putDesignReview?: never; putDesignRevision?: never; putFailureMode?: never; putFieldEvent?: never; putFinding?: never; putInstallation?: never; putMeasurement?: never; putModification?: never; putPart?: never; putProperty?: never; putRequirement?: never; putSimulationRun?: never; putTestCase?: never; putTestResult?: never; putTwinInstance?: never; retire?: never; unlink: LinkInput; };

/** What can be decided on a change request. */
export type ChangeDecision =
  /** It is to be done: OPEN becomes APPROVED. */
  | 'APPROVE'
  /** The answer works: IMPLEMENTED becomes VERIFIED. */
  | 'CLOSE'
  /** A design revision answers it: APPROVED becomes IMPLEMENTED. */
  | 'IMPLEMENT'
  /** It is not to be done: OPEN or APPROVED becomes REJECTED. */
  | 'REJECT'
  /** It is to be looked at again: IMPLEMENTED, VERIFIED or REJECTED becomes OPEN. */
  | 'REOPEN';

/** The text of a change request; what is absent is derived from the finding. */
export type ChangeRequestDraft = {
  /** What it asks. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Its identifier, unique among change requests. */
  identifier?: InputMaybe<Scalars['String']['input']>;
  /** What it asks, in one line. */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** Conditions on each ChangeRequest; all that are given must be met. */
export type ChangeRequestFilter = {
  affects?: InputMaybe<IdFilter>;
  and?: InputMaybe<Array<ChangeRequestFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  evidence?: InputMaybe<IdFilter>;
  findings?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<ChangeRequestFilter>;
  or?: InputMaybe<Array<ChangeRequestFilter>>;
  reason?: InputMaybe<TextFilter>;
  state?: InputMaybe<ChangeRequestStateFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class ChangeRequest to write. */
export type ChangeRequestInput = {
  affects?: InputMaybe<Array<Scalars['ID']['input']>>;
  description?: InputMaybe<Scalars['String']['input']>;
  drawnFrom?: InputMaybe<Array<Scalars['ID']['input']>>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  generatedAt?: InputMaybe<Scalars['DateTime']['input']>;
  generatedBy?: InputMaybe<Scalars['ID']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of ChangeRequest. */
export type ChangeRequestOrder =
  { decidedAt: OrderDirection; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy: OrderDirection; generatedAt?: never; identifier?: never; iri?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt: OrderDirection; identifier?: never; iri?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier: OrderDirection; iri?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri: OrderDirection; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; state: OrderDirection; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; state?: never; title: OrderDirection; };

/** How far a change request is. */
export type ChangeRequestState =
  /** The change is to be made. */
  | 'APPROVED'
  /** A design revision makes the change. */
  | 'IMPLEMENTED'
  /** Nobody has decided on it. */
  | 'OPEN'
  /** The change is not made. */
  | 'REJECTED'
  /** The change is shown to cure what was found. */
  | 'VERIFIED';

/** Conditions on a field of type ChangeRequestState; all that are given must be met. */
export type ChangeRequestStateFilter = {
  eq?: InputMaybe<ChangeRequestState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ChangeRequestState>>;
  ne?: InputMaybe<ChangeRequestState>;
};

/** The units of an item, all or some, in a stretch of time. */
export type CohortInput = {
  /** Only these units count: the unit itself or one of those that it sits in passes. */
  among?: InputMaybe<TwinInstanceFilter>;
  /** A Part, DesignRevision, Build or TwinInstance. */
  item: Scalars['ID']['input'];
  /** Its own stretch of time. */
  window?: InputMaybe<WindowInput>;
};

/** The input of the mutation commit. */
export type CommitInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes the commit. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** The changes, in order. */
  changes: Array<Change>;
  /** The head that the changes were made against; where the branch has moved since, they are merged or refused. */
  expectedHead?: InputMaybe<Scalars['ID']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit. */
  message: Scalars['String']['input'];
};

/** How an observed value is compared with a limit. */
export type Comparator =
  /** From the limit to the upper limit, both included. */
  | 'BETWEEN'
  /** At least the limit. */
  | 'GE'
  /** Above the limit. */
  | 'GT'
  /** At most the limit. */
  | 'LE'
  /** Below the limit. */
  | 'LT';

/** Conditions on a field of type Comparator; all that are given must be met. */
export type ComparatorFilter = {
  eq?: InputMaybe<Comparator>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Comparator>>;
  ne?: InputMaybe<Comparator>;
};

/** How the right side of a comparison compares with the left. */
export type ComparisonVerdict =
  /** The whole interval lies above zero, by more than the resolution. */
  | 'HIGHER'
  /** The whole interval lies below zero, by more than the resolution. */
  | 'LOWER'
  /** The interval includes zero: no difference is shown. */
  | 'NO_DIFFERENCE'
  /** A side is too small, too little of it was observed, or so few units show nothing at the confidence. */
  | 'UNKNOWN';

/** The input of the mutation completeAction. */
export type CompleteActionInput = {
  /** The action. */
  action: Scalars['ID']['input'];
  /** When it was done; now where absent. */
  at?: InputMaybe<Scalars['DateTime']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The lot of a replacement that becomes a unit. */
  lot?: InputMaybe<Scalars['ID']['input']>;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The place in the target; as the action has it where absent. */
  position?: InputMaybe<Scalars['String']['input']>;
  /** The design revision that the unit has from then on; as the action has it where absent. */
  realizes?: InputMaybe<Scalars['ID']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
  /** The number by which the system that does the work knows the order. */
  reference?: InputMaybe<Scalars['String']['input']>;
  /** The serial of the unit that was installed, or its IRI; a serial that no unit of the part bears becomes a unit. */
  replacement?: InputMaybe<Scalars['String']['input']>;
};

/** The fields of class Condition to write. */
export type ConditionInput = {
  comparator?: InputMaybe<Comparator>;
  id?: InputMaybe<Scalars['ID']['input']>;
  limit?: InputMaybe<Scalars['Float']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  upperLimit?: InputMaybe<Scalars['Float']['input']>;
};

/** The input of the mutation confirmLink. */
export type ConfirmLinkInput = {
  /** Who looked at it: whoever sends the request where absent, who must be a person. */
  author?: InputMaybe<AuthorInput>;
  /** The version that was looked at, the head where absent: where the target has changed after it, nothing is confirmed. */
  basedOn?: InputMaybe<Scalars['String']['input']>;
  /** The branch that takes the commit. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** The resource or fragment that the link belongs to. */
  from: Scalars['ID']['input'];
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The field of the link, such as satisfies, or the property's IRI. */
  property: Scalars['String']['input'];
  /** What is linked. */
  to: Scalars['ID']['input'];
};

/** Conditions on each Constraint; all that are given must be met. */
export type ConstraintFilter = {
  age?: InputMaybe<FloatFilter>;
  ageUnit?: InputMaybe<IdFilter>;
  and?: InputMaybe<Array<ConstraintFilter>>;
  clock?: InputMaybe<LifeClockFilter>;
  comparator?: InputMaybe<ComparatorFilter>;
  conditions?: InputMaybe<IdFilter>;
  confidence?: InputMaybe<FloatFilter>;
  failureModes?: InputMaybe<IdFilter>;
  kind?: InputMaybe<ConstraintKindFilter>;
  limit?: InputMaybe<FloatFilter>;
  not?: InputMaybe<ConstraintFilter>;
  or?: InputMaybe<Array<ConstraintFilter>>;
  property?: InputMaybe<IdFilter>;
  residualOf?: InputMaybe<IdFilter>;
  scope?: InputMaybe<ConstraintScopeFilter>;
  shape?: InputMaybe<FloatFilter>;
  spectrum?: InputMaybe<SpectrumKindFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  transform?: InputMaybe<TransformFilter>;
  unit?: InputMaybe<IdFilter>;
  upperLimit?: InputMaybe<FloatFilter>;
  window?: InputMaybe<DurationFilter>;
};

/** The fields of class Constraint to write. */
export type ConstraintInput = {
  age?: InputMaybe<Scalars['Float']['input']>;
  ageUnit?: InputMaybe<Scalars['ID']['input']>;
  clock?: InputMaybe<LifeClock>;
  comparator?: InputMaybe<Comparator>;
  conditions?: InputMaybe<Array<ConditionInput>>;
  confidence?: InputMaybe<Scalars['Float']['input']>;
  failureModes?: InputMaybe<Array<Scalars['ID']['input']>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  kind?: InputMaybe<ConstraintKind>;
  limit?: InputMaybe<Scalars['Float']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  residualOf?: InputMaybe<Scalars['ID']['input']>;
  scope?: InputMaybe<ConstraintScope>;
  shape?: InputMaybe<Scalars['Float']['input']>;
  spectrum?: InputMaybe<SpectrumKind>;
  statistic?: InputMaybe<Statistic>;
  transform?: InputMaybe<Transform>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  upperLimit?: InputMaybe<Scalars['Float']['input']>;
  window?: InputMaybe<Scalars['Duration']['input']>;
};

/** What a constraint is. */
export type ConstraintKind =
  /** An assumption that the design was made under. */
  | 'ASSUMPTION'
  /** A limit to keep. */
  | 'LIMIT'
  /** An objective to strive for. */
  | 'OBJECTIVE';

/** Conditions on a field of type ConstraintKind; all that are given must be met. */
export type ConstraintKindFilter = {
  eq?: InputMaybe<ConstraintKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ConstraintKind>>;
  ne?: InputMaybe<ConstraintKind>;
};

/** One sort key for instances of Constraint. */
export type ConstraintOrder =
  { age: OrderDirection; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock: OrderDirection; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator: OrderDirection; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence: OrderDirection; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri: OrderDirection; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind: OrderDirection; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit: OrderDirection; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope: OrderDirection; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape: OrderDirection; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum: OrderDirection; statistic?: never; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic: OrderDirection; transform?: never; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform: OrderDirection; upperLimit?: never; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit: OrderDirection; window?: never; }
  |  { age?: never; clock?: never; comparator?: never; confidence?: never; iri?: never; kind?: never; limit?: never; scope?: never; shape?: never; spectrum?: never; statistic?: never; transform?: never; upperLimit?: never; window: OrderDirection; };

/** Whom a constraint applies to. */
export type ConstraintScope =
  /** Each unit by itself. */
  | 'EACH_UNIT'
  /** All units together. */
  | 'FLEET';

/** Conditions on a field of type ConstraintScope; all that are given must be met. */
export type ConstraintScopeFilter = {
  eq?: InputMaybe<ConstraintScope>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ConstraintScope>>;
  ne?: InputMaybe<ConstraintScope>;
};

/** How probabilities of many comparisons are corrected. */
export type Correction =
  /** For the share of false findings among all findings (Benjamini and Hochberg). */
  | 'FALSE_DISCOVERY'
  /** For any false finding at all (Holm). */
  | 'FAMILY_WISE';

/** How a failure was counted. */
export type Counted =
  /** It fell in a stretch of service that is certain, or ended it. */
  | 'CERTAIN'
  /** The unit was not in service at that time as an item of the question: the failure counts for nothing. */
  | 'OUTSIDE'
  /** It fell in a stretch that is only possible: it counts for nobody. */
  | 'UNKNOWN';

/** The input of the mutation createBranch. */
export type CreateBranchInput = {
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Its name. */
  name: Scalars['String']['input'];
};

/** What becomes of ranges that no cycle closes. */
export type CycleResidue =
  /** Each is half a cycle, as in ASTM E1049. */
  | 'HALF'
  /** The history is one of many alike: followed by itself its cycles close. */
  | 'REPEATED';

/** What can be decided on a finding on data. */
export type DataFindingDecision =
  /** Somebody is to act on it. */
  | 'ACCEPT'
  /** It is no fault, or nobody acts on it. */
  | 'DISMISS';

/** Conditions on each DataFinding; all that are given must be met. */
export type DataFindingFilter = {
  and?: InputMaybe<Array<DataFindingFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  from?: InputMaybe<DateTimeFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  kind?: InputMaybe<DataFindingKindFilter>;
  name?: InputMaybe<TextFilter>;
  not?: InputMaybe<DataFindingFilter>;
  openedAt?: InputMaybe<DateTimeFilter>;
  or?: InputMaybe<Array<DataFindingFilter>>;
  property?: InputMaybe<IdFilter>;
  reason?: InputMaybe<TextFilter>;
  state?: InputMaybe<DataFindingStateFilter>;
  title?: InputMaybe<TextFilter>;
  twin?: InputMaybe<IdFilter>;
};

/** The fields of class DataFinding to write. */
export type DataFindingInput = {
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
};

/** The values of DataFindingKind. */
export type DataFindingKind =
  | 'CLOCK_AHEAD'
  | 'COMMAND'
  | 'MOVED'
  | 'OUT_OF_RANGE'
  | 'STALE'
  | 'UNBOUND'
  | 'UNIT_JUMP';

/** Conditions on a field of type DataFindingKind; all that are given must be met. */
export type DataFindingKindFilter = {
  eq?: InputMaybe<DataFindingKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<DataFindingKind>>;
  ne?: InputMaybe<DataFindingKind>;
};

/** One sort key for instances of DataFinding. */
export type DataFindingOrder =
  { decidedAt: OrderDirection; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy: OrderDirection; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from: OrderDirection; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt: OrderDirection; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier: OrderDirection; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri: OrderDirection; kind?: never; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind: OrderDirection; name?: never; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name: OrderDirection; openedAt?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt: OrderDirection; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state: OrderDirection; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; name?: never; openedAt?: never; state?: never; title: OrderDirection; };

/** The values of DataFindingState. */
export type DataFindingState =
  | 'ACCEPTED'
  | 'CLOSED'
  | 'DISMISSED'
  | 'OPEN';

/** Conditions on a field of type DataFindingState; all that are given must be met. */
export type DataFindingStateFilter = {
  eq?: InputMaybe<DataFindingState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<DataFindingState>>;
  ne?: InputMaybe<DataFindingState>;
};

/** Conditions on a field of type DateTime; all that are given must be met. */
export type DateTimeFilter = {
  eq?: InputMaybe<Scalars['DateTime']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  ge?: InputMaybe<Scalars['DateTime']['input']>;
  gt?: InputMaybe<Scalars['DateTime']['input']>;
  in?: InputMaybe<Array<Scalars['DateTime']['input']>>;
  le?: InputMaybe<Scalars['DateTime']['input']>;
  lt?: InputMaybe<Scalars['DateTime']['input']>;
  ne?: InputMaybe<Scalars['DateTime']['input']>;
};

/** The input of the mutation decideActions. */
export type DecideActionsInput = {
  /** The actions. */
  actions: Array<Scalars['ID']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** What is decided. */
  decision: ActionDecision;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
};

/** The input of the mutation decideChange. */
export type DecideChangeInput = {
  /** Who decides: whoever sends the request where absent, who must be a person. */
  author?: InputMaybe<AuthorInput>;
  /** The version that the decision is based on, the head where absent: where the evidence has changed since, nothing is decided. */
  basedOn?: InputMaybe<Scalars['String']['input']>;
  /** The branch that takes the decision. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** The change request. */
  changeRequest: Scalars['ID']['input'];
  /** What is decided. */
  decision: ChangeDecision;
  /** Field evidence that the decision rests on. */
  evidence?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary of the decision where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
};

/** The input of the mutation decideDataFinding. */
export type DecideDataFindingInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** What is decided. */
  decision: DataFindingDecision;
  /** The finding on data; it is open. */
  finding: Scalars['ID']['input'];
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
};

/** The input of the mutation decideFinding. */
export type DecideFindingInput = {
  /** Who decides: whoever sends the request where absent, who must be a person. */
  author?: InputMaybe<AuthorInput>;
  /** The version that the decision is based on, the head where absent: where the evidence has changed since, nothing is decided. */
  basedOn?: InputMaybe<Scalars['String']['input']>;
  /** The branch that takes the decision. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** The text of the change request, where one is opened. */
  changeRequest?: InputMaybe<ChangeRequestDraft>;
  /** What is decided. */
  decision: FindingDecision;
  /** The finding; it is open. */
  finding: Scalars['ID']['input'];
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary of the decision where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
};

/** The input of the mutation deleteBranch. */
export type DeleteBranchInput = {
  /** Its head as the caller knows it; another is a conflict. */
  expectedHead?: InputMaybe<Scalars['ID']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Its name; neither main nor the branch of an import. */
  name: Scalars['String']['input'];
};

/** Conditions on each DesignReview; all that are given must be met. */
export type DesignReviewFilter = {
  algorithm?: InputMaybe<TextFilter>;
  and?: InputMaybe<Array<DesignReviewFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  commit?: InputMaybe<TextFilter>;
  confirmations?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  designs?: InputMaybe<IdFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  evidence?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  from?: InputMaybe<DateTimeFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  heldAt?: InputMaybe<DateTimeFilter>;
  hoursMin?: InputMaybe<FloatFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<DesignReviewFilter>;
  openedAt?: InputMaybe<DateTimeFilter>;
  or?: InputMaybe<Array<DesignReviewFilter>>;
  participants?: InputMaybe<TextFilter>;
  pin?: InputMaybe<LongFilter>;
  reason?: InputMaybe<TextFilter>;
  requirements?: InputMaybe<IdFilter>;
  resultDigest?: InputMaybe<TextFilter>;
  shareMin?: InputMaybe<FloatFilter>;
  state?: InputMaybe<DesignReviewStateFilter>;
  title?: InputMaybe<TextFilter>;
  to?: InputMaybe<DateTimeFilter>;
  unitShareMin?: InputMaybe<FloatFilter>;
  unitsMin?: InputMaybe<LongFilter>;
  watermark?: InputMaybe<TextFilter>;
};

/** The fields of class DesignReview to write. */
export type DesignReviewInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  heldAt?: InputMaybe<Scalars['DateTime']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  participants?: InputMaybe<Array<Scalars['String']['input']>>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of DesignReview. */
export type DesignReviewOrder =
  { algorithm: OrderDirection; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit: OrderDirection; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt: OrderDirection; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy: OrderDirection; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from: OrderDirection; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt: OrderDirection; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt: OrderDirection; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin: OrderDirection; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier: OrderDirection; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri: OrderDirection; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt: OrderDirection; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin: OrderDirection; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin: OrderDirection; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state: OrderDirection; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title: OrderDirection; to?: never; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to: OrderDirection; unitShareMin?: never; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin: OrderDirection; unitsMin?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin: OrderDirection; watermark?: never; }
  |  { algorithm?: never; commit?: never; decidedAt?: never; decidedBy?: never; from?: never; generatedAt?: never; heldAt?: never; hoursMin?: never; identifier?: never; iri?: never; openedAt?: never; pin?: never; shareMin?: never; state?: never; title?: never; to?: never; unitShareMin?: never; unitsMin?: never; watermark: OrderDirection; };

/** How far a design review is. */
export type DesignReviewState =
  /** It is signed, and the designs are approved. */
  | 'APPROVED'
  /** It is not signed. */
  | 'OPEN'
  /** It is signed, and the designs are rejected. */
  | 'REJECTED';

/** Conditions on a field of type DesignReviewState; all that are given must be met. */
export type DesignReviewStateFilter = {
  eq?: InputMaybe<DesignReviewState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<DesignReviewState>>;
  ne?: InputMaybe<DesignReviewState>;
};

/** Conditions on each DesignRevision; all that are given must be met. */
export type DesignRevisionFilter = {
  and?: InputMaybe<Array<DesignRevisionFilter>>;
  answers?: InputMaybe<IdFilter>;
  artefacts?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  constraints?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  loadSpectra?: InputMaybe<IdFilter>;
  models?: InputMaybe<IdFilter>;
  not?: InputMaybe<DesignRevisionFilter>;
  or?: InputMaybe<Array<DesignRevisionFilter>>;
  owner?: InputMaybe<IdFilter>;
  releasedAt?: InputMaybe<DateTimeFilter>;
  revision?: InputMaybe<TextFilter>;
  revisionOf?: InputMaybe<IdFilter>;
  satisfies?: InputMaybe<IdFilter>;
  signals?: InputMaybe<IdFilter>;
  status?: InputMaybe<DesignStatusFilter>;
  supersedes?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
  usages?: InputMaybe<IdFilter>;
  woehlerLines?: InputMaybe<IdFilter>;
};

/** The fields of class DesignRevision to write. */
export type DesignRevisionInput = {
  answers?: InputMaybe<Array<Scalars['ID']['input']>>;
  artefacts?: InputMaybe<Array<ArtefactInput>>;
  constraints?: InputMaybe<Array<ConstraintInput>>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  loadSpectra?: InputMaybe<Array<LoadSpectrumInput>>;
  models?: InputMaybe<Array<ModelInput>>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  releasedAt?: InputMaybe<Scalars['DateTime']['input']>;
  revision?: InputMaybe<Scalars['String']['input']>;
  revisionOf?: InputMaybe<Scalars['ID']['input']>;
  satisfies?: InputMaybe<Array<Scalars['ID']['input']>>;
  signals?: InputMaybe<Array<SignalInput>>;
  status?: InputMaybe<DesignStatus>;
  supersedes?: InputMaybe<Array<Scalars['ID']['input']>>;
  title?: InputMaybe<Scalars['String']['input']>;
  usages?: InputMaybe<Array<PartUsageInput>>;
  woehlerLines?: InputMaybe<Array<WoehlerLineInput>>;
};

/** One sort key for instances of DesignRevision. */
export type DesignRevisionOrder =
  { identifier: OrderDirection; iri?: never; releasedAt?: never; revision?: never; status?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; releasedAt?: never; revision?: never; status?: never; title?: never; }
  |  { identifier?: never; iri?: never; releasedAt: OrderDirection; revision?: never; status?: never; title?: never; }
  |  { identifier?: never; iri?: never; releasedAt?: never; revision: OrderDirection; status?: never; title?: never; }
  |  { identifier?: never; iri?: never; releasedAt?: never; revision?: never; status: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; releasedAt?: never; revision?: never; status?: never; title: OrderDirection; };

/** The maturity of a design record. */
export type DesignStatus =
  /** It is approved and may still change. */
  | 'APPROVED'
  /** It is being written. */
  | 'DRAFT'
  /** It is no longer used. */
  | 'OBSOLETE'
  /** It is released: its content no longer changes. */
  | 'RELEASED';

/** Conditions on a field of type DesignStatus; all that are given must be met. */
export type DesignStatusFilter = {
  eq?: InputMaybe<DesignStatus>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<DesignStatus>>;
  ne?: InputMaybe<DesignStatus>;
};

/** Conditions on each Deviation; all that are given must be met. */
export type DeviationFilter = {
  and?: InputMaybe<Array<DeviationFilter>>;
  at?: InputMaybe<DateTimeFilter>;
  characteristic?: InputMaybe<TextFilter>;
  lower?: InputMaybe<FloatFilter>;
  measurement?: InputMaybe<IdFilter>;
  not?: InputMaybe<DeviationFilter>;
  or?: InputMaybe<Array<DeviationFilter>>;
  rule?: InputMaybe<DeviationRuleFilter>;
  unit?: InputMaybe<IdFilter>;
  upper?: InputMaybe<FloatFilter>;
  value?: InputMaybe<FloatFilter>;
};

/** One sort key for instances of Deviation. */
export type DeviationOrder =
  { at: OrderDirection; characteristic?: never; iri?: never; lower?: never; rule?: never; upper?: never; value?: never; }
  |  { at?: never; characteristic: OrderDirection; iri?: never; lower?: never; rule?: never; upper?: never; value?: never; }
  |  { at?: never; characteristic?: never; iri: OrderDirection; lower?: never; rule?: never; upper?: never; value?: never; }
  |  { at?: never; characteristic?: never; iri?: never; lower: OrderDirection; rule?: never; upper?: never; value?: never; }
  |  { at?: never; characteristic?: never; iri?: never; lower?: never; rule: OrderDirection; upper?: never; value?: never; }
  |  { at?: never; characteristic?: never; iri?: never; lower?: never; rule?: never; upper: OrderDirection; value?: never; }
  |  { at?: never; characteristic?: never; iri?: never; lower?: never; rule?: never; upper?: never; value: OrderDirection; };

/** The values of DeviationRule. */
export type DeviationRule =
  | 'NELSON_1'
  | 'NELSON_2'
  | 'NELSON_3'
  | 'NELSON_4'
  | 'NELSON_5'
  | 'NELSON_6'
  | 'NELSON_7'
  | 'NELSON_8'
  | 'TOLERANCE';

/** Conditions on a field of type DeviationRule; all that are given must be met. */
export type DeviationRuleFilter = {
  eq?: InputMaybe<DeviationRule>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<DeviationRule>>;
  ne?: InputMaybe<DeviationRule>;
};

/** What became of a resource. */
export type Difference =
  /** It is new. */
  | 'ADDED'
  /** Its statements differ. */
  | 'CHANGED'
  /** It was removed. */
  | 'REMOVED';

/** Conditions on a field of type Duration; all that are given must be met. */
export type DurationFilter = {
  eq?: InputMaybe<Scalars['Duration']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Scalars['Duration']['input']>>;
  ne?: InputMaybe<Scalars['Duration']['input']>;
};

/** What is to be done about a change request. */
export type EffectivenessProposal =
  /** The answer keeps the limit, and for longer than chance explains: the change request can be closed. */
  | 'CLOSE'
  /** The answer breaks the limit: the change request is to be opened again. */
  | 'REOPEN'
  /** Too little is known, or the limit is kept but not yet for long enough: see `hoursNeeded`. */
  | 'WAIT';

/** The fields of class Effectivity to write. */
export type EffectivityInput = {
  from?: InputMaybe<Scalars['DateTime']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  lots?: InputMaybe<Array<Scalars['String']['input']>>;
  options?: InputMaybe<Array<Scalars['String']['input']>>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
  unitFrom?: InputMaybe<Scalars['Long']['input']>;
  unitTo?: InputMaybe<Scalars['Long']['input']>;
};

/** Whose failures count. */
export type EventsOf =
  /** Failures of the unit, and of the units that it sat in at any height while it sat there. */
  | 'ASSET'
  /** Failures of the unit itself. */
  | 'UNIT';

/** Conditions on each FailureMode; all that are given must be met. */
export type FailureModeFilter = {
  and?: InputMaybe<Array<FailureModeFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<FailureModeFilter>;
  or?: InputMaybe<Array<FailureModeFilter>>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class FailureMode to write. */
export type FailureModeInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of FailureMode. */
export type FailureModeOrder =
  { identifier: OrderDirection; iri?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; title: OrderDirection; };

/** Conditions on each FeedbackRecord; all that are given must be met. */
export type FeedbackRecordFilter = {
  and?: InputMaybe<Array<FeedbackRecordFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<FeedbackRecordFilter>;
  or?: InputMaybe<Array<FeedbackRecordFilter>>;
  title?: InputMaybe<TextFilter>;
};

/** One sort key for instances of FeedbackRecord. */
export type FeedbackRecordOrder =
  { generatedAt: OrderDirection; identifier?: never; iri?: never; title?: never; }
  |  { generatedAt?: never; identifier: OrderDirection; iri?: never; title?: never; }
  |  { generatedAt?: never; identifier?: never; iri: OrderDirection; title?: never; }
  |  { generatedAt?: never; identifier?: never; iri?: never; title: OrderDirection; };

/** Conditions on each FieldEvent; all that are given must be met. */
export type FieldEventFilter = {
  and?: InputMaybe<Array<FieldEventFilter>>;
  at?: InputMaybe<DateTimeFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  failureMode?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  fromEarliest?: InputMaybe<DateTimeFilter>;
  identifier?: InputMaybe<TextFilter>;
  kind?: InputMaybe<FieldEventKindFilter>;
  not?: InputMaybe<FieldEventFilter>;
  note?: InputMaybe<TextFilter>;
  or?: InputMaybe<Array<FieldEventFilter>>;
  position?: InputMaybe<TextFilter>;
  state?: InputMaybe<FieldEventStateFilter>;
  title?: InputMaybe<TextFilter>;
  twin?: InputMaybe<IdFilter>;
};

/** The fields of class FieldEvent to write. */
export type FieldEventInput = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  failureMode?: InputMaybe<Scalars['ID']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  fromEarliest?: InputMaybe<Scalars['DateTime']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  kind?: InputMaybe<FieldEventKind>;
  note?: InputMaybe<Scalars['String']['input']>;
  position?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<FieldEventState>;
  title?: InputMaybe<Scalars['String']['input']>;
  twin?: InputMaybe<Scalars['ID']['input']>;
};

/** What happened in the field. */
export type FieldEventKind =
  /** The unit failed. */
  | 'FAILURE'
  /** The unit was inspected. */
  | 'INSPECTION'
  /** The unit was maintained. */
  | 'MAINTENANCE';

/** Conditions on a field of type FieldEventKind; all that are given must be met. */
export type FieldEventKindFilter = {
  eq?: InputMaybe<FieldEventKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<FieldEventKind>>;
  ne?: InputMaybe<FieldEventKind>;
};

/** One sort key for instances of FieldEvent. */
export type FieldEventOrder =
  { at: OrderDirection; fromEarliest?: never; identifier?: never; iri?: never; kind?: never; position?: never; state?: never; title?: never; }
  |  { at?: never; fromEarliest: OrderDirection; identifier?: never; iri?: never; kind?: never; position?: never; state?: never; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier: OrderDirection; iri?: never; kind?: never; position?: never; state?: never; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier?: never; iri: OrderDirection; kind?: never; position?: never; state?: never; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier?: never; iri?: never; kind: OrderDirection; position?: never; state?: never; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier?: never; iri?: never; kind?: never; position: OrderDirection; state?: never; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier?: never; iri?: never; kind?: never; position?: never; state: OrderDirection; title?: never; }
  |  { at?: never; fromEarliest?: never; identifier?: never; iri?: never; kind?: never; position?: never; state?: never; title: OrderDirection; };

/** How certain a field event is. */
export type FieldEventState =
  /** It is confirmed. */
  | 'CONFIRMED'
  /** An examination found no fault. */
  | 'NO_FAULT_FOUND'
  /** It is only reported. */
  | 'REPORTED';

/** Conditions on a field of type FieldEventState; all that are given must be met. */
export type FieldEventStateFilter = {
  eq?: InputMaybe<FieldEventState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<FieldEventState>>;
  ne?: InputMaybe<FieldEventState>;
};

/** Conditions on each FieldEvidence; all that are given must be met. */
export type FieldEvidenceFilter = {
  algorithm?: InputMaybe<TextFilter>;
  and?: InputMaybe<Array<FieldEvidenceFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  commit?: InputMaybe<TextFilter>;
  confirmations?: InputMaybe<IdFilter>;
  conformingHours?: InputMaybe<FloatFilter>;
  conformingUnits?: InputMaybe<FloatFilter>;
  constraint?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  design?: InputMaybe<IdFilter>;
  distance?: InputMaybe<FloatFilter>;
  distancePercent?: InputMaybe<FloatFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  from?: InputMaybe<DateTimeFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  implausibleHours?: InputMaybe<FloatFilter>;
  implausibleSamples?: InputMaybe<FloatFilter>;
  limit?: InputMaybe<FloatFilter>;
  missingHours?: InputMaybe<FloatFilter>;
  not?: InputMaybe<FieldEvidenceFilter>;
  observed?: InputMaybe<FloatFilter>;
  observedHours?: InputMaybe<FloatFilter>;
  ontologyDigest?: InputMaybe<TextFilter>;
  or?: InputMaybe<Array<FieldEvidenceFilter>>;
  outcomeDigest?: InputMaybe<TextFilter>;
  predicted?: InputMaybe<FloatFilter>;
  property?: InputMaybe<IdFilter>;
  query?: InputMaybe<TextFilter>;
  requirement?: InputMaybe<IdFilter>;
  resultDigest?: InputMaybe<TextFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  title?: InputMaybe<TextFilter>;
  to?: InputMaybe<DateTimeFilter>;
  transform?: InputMaybe<TransformFilter>;
  undecidedHours?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
  unitResults?: InputMaybe<IdFilter>;
  unknownConfigurationHours?: InputMaybe<FloatFilter>;
  upperLimit?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<MarginVerdictFilter>;
  violators?: InputMaybe<IdFilter>;
  watermark?: InputMaybe<TextFilter>;
};

/** One sort key for instances of FieldEvidence. */
export type FieldEvidenceOrder =
  { algorithm: OrderDirection; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit: OrderDirection; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours: OrderDirection; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits: OrderDirection; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance: OrderDirection; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent: OrderDirection; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from: OrderDirection; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt: OrderDirection; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier: OrderDirection; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours: OrderDirection; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples: OrderDirection; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri: OrderDirection; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit: OrderDirection; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours: OrderDirection; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed: OrderDirection; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours: OrderDirection; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted: OrderDirection; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query: OrderDirection; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic: OrderDirection; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title: OrderDirection; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to: OrderDirection; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform: OrderDirection; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours: OrderDirection; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours: OrderDirection; upperLimit?: never; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit: OrderDirection; verdict?: never; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict: OrderDirection; watermark?: never; }
  |  { algorithm?: never; commit?: never; conformingHours?: never; conformingUnits?: never; distance?: never; distancePercent?: never; from?: never; generatedAt?: never; identifier?: never; implausibleHours?: never; implausibleSamples?: never; iri?: never; limit?: never; missingHours?: never; observed?: never; observedHours?: never; predicted?: never; query?: never; statistic?: never; title?: never; to?: never; transform?: never; undecidedHours?: never; unknownConfigurationHours?: never; upperLimit?: never; verdict?: never; watermark: OrderDirection; };

/** What a record of a violation meant for its finding. */
export type FilingOutcome =
  /** It became further evidence of a finding that was there. */
  | 'ADDED'
  /** It opened the finding. */
  | 'OPENED'
  /** The finding rests on a record with the same content. */
  | 'REPEATED'
  /** The finding was decided, and the record shows nothing worse. */
  | 'SETTLED';

/** What can be decided on a finding. */
export type FindingDecision =
  /** The design is to change: a change request is opened. */
  | 'ACCEPT'
  /** It stays as it is, until worse evidence is recorded. */
  | 'DISMISS';

/** Conditions on each Finding; all that are given must be met. */
export type FindingFilter = {
  and?: InputMaybe<Array<FindingFilter>>;
  attributedTo?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  constraint?: InputMaybe<IdFilter>;
  decidedAt?: InputMaybe<DateTimeFilter>;
  decidedBy?: InputMaybe<TextFilter>;
  description?: InputMaybe<TextFilter>;
  design?: InputMaybe<IdFilter>;
  deviations?: InputMaybe<IdFilter>;
  drawnFrom?: InputMaybe<IdFilter>;
  evidence?: InputMaybe<IdFilter>;
  forecast?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  generatedAt?: InputMaybe<DateTimeFilter>;
  generatedBy?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  kind?: InputMaybe<FindingKindFilter>;
  not?: InputMaybe<FindingFilter>;
  or?: InputMaybe<Array<FindingFilter>>;
  reason?: InputMaybe<TextFilter>;
  requirement?: InputMaybe<IdFilter>;
  state?: InputMaybe<FindingStateFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class Finding to write. */
export type FindingInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** The values of FindingKind. */
export type FindingKind =
  | 'BREACH'
  | 'DEVIATION'
  | 'FORECAST';

/** Conditions on a field of type FindingKind; all that are given must be met. */
export type FindingKindFilter = {
  eq?: InputMaybe<FindingKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<FindingKind>>;
  ne?: InputMaybe<FindingKind>;
};

/** One sort key for instances of Finding. */
export type FindingOrder =
  { decidedAt: OrderDirection; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy: OrderDirection; generatedAt?: never; identifier?: never; iri?: never; kind?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt: OrderDirection; identifier?: never; iri?: never; kind?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier: OrderDirection; iri?: never; kind?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri: OrderDirection; kind?: never; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; kind: OrderDirection; state?: never; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; state: OrderDirection; title?: never; }
  |  { decidedAt?: never; decidedBy?: never; generatedAt?: never; identifier?: never; iri?: never; kind?: never; state?: never; title: OrderDirection; };

/** How far a finding is. */
export type FindingState =
  /** It is accepted, and a change request was opened. */
  | 'ACCEPTED'
  /** It is dismissed, until worse evidence is recorded. */
  | 'DISMISSED'
  /** Nobody has decided on it. */
  | 'OPEN';

/** Conditions on a field of type FindingState; all that are given must be met. */
export type FindingStateFilter = {
  eq?: InputMaybe<FindingState>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<FindingState>>;
  ne?: InputMaybe<FindingState>;
};

/** Conditions on a field of type Float; all that are given must be met. */
export type FloatFilter = {
  eq?: InputMaybe<Scalars['Float']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  ge?: InputMaybe<Scalars['Float']['input']>;
  gt?: InputMaybe<Scalars['Float']['input']>;
  in?: InputMaybe<Array<Scalars['Float']['input']>>;
  le?: InputMaybe<Scalars['Float']['input']>;
  lt?: InputMaybe<Scalars['Float']['input']>;
  ne?: InputMaybe<Scalars['Float']['input']>;
};

/** Conditions on each Forecast; all that are given must be met. */
export type ForecastFilter = {
  and?: InputMaybe<Array<ForecastFilter>>;
  bucket?: InputMaybe<DurationFilter>;
  commit?: InputMaybe<TextFilter>;
  confidence?: InputMaybe<FloatFilter>;
  crossedAt?: InputMaybe<DateTimeFilter>;
  earliest?: InputMaybe<DateTimeFilter>;
  expectedAt?: InputMaybe<DateTimeFilter>;
  expiresAt?: InputMaybe<DateTimeFilter>;
  from?: InputMaybe<DateTimeFilter>;
  latest?: InputMaybe<DateTimeFilter>;
  madeAt?: InputMaybe<DateTimeFilter>;
  not?: InputMaybe<ForecastFilter>;
  or?: InputMaybe<Array<ForecastFilter>>;
  outcome?: InputMaybe<ForecastOutcomeFilter>;
  pointCount?: InputMaybe<LongFilter>;
  settledAt?: InputMaybe<DateTimeFilter>;
  slopePerDay?: InputMaybe<FloatFilter>;
  twin?: InputMaybe<IdFilter>;
  unit?: InputMaybe<IdFilter>;
  watermark?: InputMaybe<TextFilter>;
};

/** One sort key for instances of Forecast. */
export type ForecastOrder =
  { bucket: OrderDirection; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit: OrderDirection; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence: OrderDirection; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt: OrderDirection; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest: OrderDirection; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt: OrderDirection; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt: OrderDirection; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from: OrderDirection; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri: OrderDirection; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest: OrderDirection; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt: OrderDirection; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome: OrderDirection; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount: OrderDirection; settledAt?: never; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt: OrderDirection; slopePerDay?: never; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay: OrderDirection; watermark?: never; }
  |  { bucket?: never; commit?: never; confidence?: never; crossedAt?: never; earliest?: never; expectedAt?: never; expiresAt?: never; from?: never; iri?: never; latest?: never; madeAt?: never; outcome?: never; pointCount?: never; settledAt?: never; slopePerDay?: never; watermark: OrderDirection; };

/** The values of ForecastOutcome. */
export type ForecastOutcome =
  | 'CAME_TRUE'
  | 'EXPIRED'
  | 'PENDING'
  | 'WITHDRAWN';

/** Conditions on a field of type ForecastOutcome; all that are given must be met. */
export type ForecastOutcomeFilter = {
  eq?: InputMaybe<ForecastOutcome>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ForecastOutcome>>;
  ne?: InputMaybe<ForecastOutcome>;
};

/** The fields of class ForeignIdentifier to write. */
export type ForeignIdentifierInput = {
  id?: InputMaybe<Scalars['ID']['input']>;
  notation?: InputMaybe<Scalars['String']['input']>;
  system?: InputMaybe<Scalars['String']['input']>;
};

/** The input of the mutation grantPolicy. */
export type GrantPolicyInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** How far it may go by itself, as it is now. */
  autonomy: PolicyAutonomy;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The policy. */
  policy: Scalars['ID']['input'];
  /** Why. */
  reason: Scalars['String']['input'];
};

/** What an answer can be grouped by. */
export type GroupBy =
  /** The lot or order that made the unit. */
  | 'LOT'
  /** The calendar month, in the zone of the question. */
  | 'MONTH'
  /** The place in the asset, or as many steps of its path as `positionDepth`. */
  | 'POSITION'
  /** The design revision that the unit had at the time. */
  | 'REVISION'
  /** The site of the asset. */
  | 'SITE'
  /** Each unit by itself. */
  | 'UNIT';

/** Conditions on a field of type ID; all that are given must be met. */
export type IdFilter = {
  eq?: InputMaybe<Scalars['ID']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Scalars['ID']['input']>>;
  ne?: InputMaybe<Scalars['ID']['input']>;
};

/** Conditions on each Installation; all that are given must be met. */
export type InstallationFilter = {
  and?: InputMaybe<Array<InstallationFilter>>;
  component?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  from?: InputMaybe<DateTimeFilter>;
  fromEarliest?: InputMaybe<DateTimeFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<InstallationFilter>;
  or?: InputMaybe<Array<InstallationFilter>>;
  parent?: InputMaybe<IdFilter>;
  position?: InputMaybe<TextFilter>;
  quantity?: InputMaybe<FloatFilter>;
  removalReason?: InputMaybe<TextFilter>;
  title?: InputMaybe<TextFilter>;
  to?: InputMaybe<DateTimeFilter>;
  toLatest?: InputMaybe<DateTimeFilter>;
};

/** The fields of class Installation to write. */
export type InstallationInput = {
  component?: InputMaybe<Scalars['ID']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  from?: InputMaybe<Scalars['DateTime']['input']>;
  fromEarliest?: InputMaybe<Scalars['DateTime']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  parent?: InputMaybe<Scalars['ID']['input']>;
  position?: InputMaybe<Scalars['String']['input']>;
  quantity?: InputMaybe<Scalars['Float']['input']>;
  removalReason?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  to?: InputMaybe<Scalars['DateTime']['input']>;
  toLatest?: InputMaybe<Scalars['DateTime']['input']>;
};

/** One sort key for instances of Installation. */
export type InstallationOrder =
  { from: OrderDirection; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest: OrderDirection; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier: OrderDirection; iri?: never; position?: never; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri: OrderDirection; position?: never; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position: OrderDirection; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity: OrderDirection; removalReason?: never; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason: OrderDirection; title?: never; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason?: never; title: OrderDirection; to?: never; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason?: never; title?: never; to: OrderDirection; toLatest?: never; }
  |  { from?: never; fromEarliest?: never; identifier?: never; iri?: never; position?: never; quantity?: never; removalReason?: never; title?: never; to?: never; toLatest: OrderDirection; };

/** What a job does. */
export type JobKind =
  /** Copies the thread as a backup that can be downloaded. */
  | 'BACKUP'
  /** Imports files as the content of a source. */
  | 'IMPORT'
  /** Stores tables of readings. */
  | 'INGEST';

/** How far a job is. */
export type JobState =
  /** Somebody has ended it. */
  | 'CANCELLED'
  /** The job is done. */
  | 'DONE'
  /** It was refused or failed. */
  | 'FAILED'
  /** The service ended before it was done; it can be run again, and does nothing twice. */
  | 'INTERRUPTED'
  /** The job waits for its turn. */
  | 'QUEUED'
  /** The job is being done. */
  | 'RUNNING';

/** What the age of a unit is measured by. */
export type LifeClock =
  /** Hours since the first in service. */
  | 'CALENDAR'
  /** The property of the constraint as a counter, such as kilometres or cycles. */
  | 'COUNTER'
  /** Hours in service. */
  | 'SERVICE';

/** Conditions on a field of type LifeClock; all that are given must be met. */
export type LifeClockFilter = {
  eq?: InputMaybe<LifeClock>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<LifeClock>>;
  ne?: InputMaybe<LifeClock>;
};

/** How a stay of a life ended. */
export type LifeEnd =
  /** It failed between two ages. */
  | 'BETWEEN'
  /** It failed at a known age. */
  | 'FAILED'
  /** It had not failed when it was last watched, or failed of a mode that is not asked about. */
  | 'SUSPENDED';

/** A distribution of lives. */
export type LifeFamily =
  /** Of damage that multiplies, such as fatigue cracks. */
  | 'LOGNORMAL'
  /** Of weakest links: wear-out where the shape is above 1, early failures where it is below. */
  | 'WEIBULL';

/** What a failure does to a life. */
export type LifeRepair =
  /** The unit goes on as old as it was, and may fail again. */
  | 'AS_BEFORE'
  /** The unit is as new: another life begins at the age 0. */
  | 'AS_NEW'
  /** It ends it: what comes after counts for nothing. */
  | 'NONE';

/** How long units of the right live, compared with those of the left. */
export type LifeVerdict =
  /** The whole interval of the ratio lies above 1. */
  | 'LONGER'
  /** The interval of the ratio includes 1: no difference is shown. */
  | 'NO_DIFFERENCE'
  /** The whole interval of the ratio lies below 1. */
  | 'SHORTER'
  /** Too little failed or was watched; shortfall gives the reason. */
  | 'UNKNOWN';

/** A link. */
export type LinkInput = {
  /** The resource that the link belongs to. */
  from: Scalars['ID']['input'];
  /** The field, such as satisfies. */
  property: Scalars['String']['input'];
  /** What is linked. */
  to: Scalars['ID']['input'];
};

/** The fields of class LoadLevel to write. */
export type LoadLevelInput = {
  cycles?: InputMaybe<Scalars['Float']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  range?: InputMaybe<Scalars['Float']['input']>;
};

/** Conditions on each LoadSpectrum; all that are given must be met. */
export type LoadSpectrumFilter = {
  and?: InputMaybe<Array<LoadSpectrumFilter>>;
  hours?: InputMaybe<FloatFilter>;
  kind?: InputMaybe<SpectrumKindFilter>;
  levels?: InputMaybe<IdFilter>;
  not?: InputMaybe<LoadSpectrumFilter>;
  or?: InputMaybe<Array<LoadSpectrumFilter>>;
  property?: InputMaybe<IdFilter>;
  unit?: InputMaybe<IdFilter>;
};

/** The fields of class LoadSpectrum to write. */
export type LoadSpectrumInput = {
  hours?: InputMaybe<Scalars['Float']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  kind?: InputMaybe<SpectrumKind>;
  levels?: InputMaybe<Array<LoadLevelInput>>;
  property?: InputMaybe<Scalars['ID']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
};

/** One sort key for instances of LoadSpectrum. */
export type LoadSpectrumOrder =
  { hours: OrderDirection; iri?: never; kind?: never; }
  |  { hours?: never; iri: OrderDirection; kind?: never; }
  |  { hours?: never; iri?: never; kind: OrderDirection; };

/** Conditions on a field of type Long; all that are given must be met. */
export type LongFilter = {
  eq?: InputMaybe<Scalars['Long']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  ge?: InputMaybe<Scalars['Long']['input']>;
  gt?: InputMaybe<Scalars['Long']['input']>;
  in?: InputMaybe<Array<Scalars['Long']['input']>>;
  le?: InputMaybe<Scalars['Long']['input']>;
  lt?: InputMaybe<Scalars['Long']['input']>;
  ne?: InputMaybe<Scalars['Long']['input']>;
};

/** What of a margin is compared with a threshold. */
export type MarginMeasure =
  /** The distance to the limit, in the unit of the constraint. */
  | 'DISTANCE'
  /** The distance as a percentage of the limit. */
  | 'DISTANCE_PERCENT';

/** What the field shows about a limit. */
export type MarginVerdict =
  /** The limit is kept. */
  | 'CONFORMS'
  /** Too little was observed to conclude anything. */
  | 'UNKNOWN'
  /** The limit is broken. */
  | 'VIOLATES';

/** Conditions on a field of type MarginVerdict; all that are given must be met. */
export type MarginVerdictFilter = {
  eq?: InputMaybe<MarginVerdict>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<MarginVerdict>>;
  ne?: InputMaybe<MarginVerdict>;
};

/** Conditions on each Measurement; all that are given must be met. */
export type MeasurementFilter = {
  and?: InputMaybe<Array<MeasurementFilter>>;
  at?: InputMaybe<DateTimeFilter>;
  characteristic?: InputMaybe<TextFilter>;
  confirmations?: InputMaybe<IdFilter>;
  constraint?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  item?: InputMaybe<IdFilter>;
  lower?: InputMaybe<FloatFilter>;
  measured?: InputMaybe<FloatFilter>;
  nominal?: InputMaybe<FloatFilter>;
  not?: InputMaybe<MeasurementFilter>;
  or?: InputMaybe<Array<MeasurementFilter>>;
  station?: InputMaybe<TextFilter>;
  title?: InputMaybe<TextFilter>;
  unit?: InputMaybe<IdFilter>;
  upper?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<VerdictFilter>;
};

/** The fields of class Measurement to write. */
export type MeasurementInput = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  characteristic?: InputMaybe<Scalars['String']['input']>;
  constraint?: InputMaybe<Scalars['ID']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  item?: InputMaybe<Scalars['ID']['input']>;
  lower?: InputMaybe<Scalars['Float']['input']>;
  measured?: InputMaybe<Scalars['Float']['input']>;
  nominal?: InputMaybe<Scalars['Float']['input']>;
  station?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  upper?: InputMaybe<Scalars['Float']['input']>;
  verdict?: InputMaybe<Verdict>;
};

/** One sort key for instances of Measurement. */
export type MeasurementOrder =
  { at: OrderDirection; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic: OrderDirection; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier: OrderDirection; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri: OrderDirection; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower: OrderDirection; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured: OrderDirection; nominal?: never; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal: OrderDirection; station?: never; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station: OrderDirection; title?: never; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title: OrderDirection; upper?: never; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper: OrderDirection; verdict?: never; }
  |  { at?: never; characteristic?: never; identifier?: never; iri?: never; lower?: never; measured?: never; nominal?: never; station?: never; title?: never; upper?: never; verdict: OrderDirection; };

/** What two sides did to the same thing. */
export type MergeConflictKind =
  /** Both sides changed the property, to different values. */
  | 'BOTH_CHANGED'
  /** One side retired it, the other changed it. */
  | 'RETIRED_AND_CHANGED'
  /** One side retired it, the other links to it. */
  | 'RETIRED_AND_LINKED';

/** The input of the mutation merge. */
export type MergeInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** Other changes of the merge commit, such as those that repair a rule which the result would break. */
  changes?: InputMaybe<Array<Change>>;
  /** The head that was previewed; a branch that has moved since is refused. */
  expectedHead?: InputMaybe<Scalars['ID']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The branch that takes the merge. */
  into?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** What is decided about the conflicts. */
  resolutions?: InputMaybe<Array<Resolution>>;
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  source: Scalars['String']['input'];
};

/** One of two lines of history. */
export type MergeSide =
  /** The branch that takes the merge or the revert. */
  | 'OURS'
  /** The version that is merged; in a revert, what was there before the commit. */
  | 'THEIRS';

/** Why a message, or a value of it, is no sample. */
export type MessageRefusal =
  /** The payload is no number, no JSON, too large, or has nothing where the settings look. */
  | 'PAYLOAD'
  /** The broker has kept the message from before, and it does not state its time. */
  | 'RETAINED'
  /** The settings do not take samples of this twin. */
  | 'SCOPE'
  /** The store refuses the sample. */
  | 'STORE'
  /** The time in the payload is missing or cannot be read. */
  | 'TIME'
  /** The payload names no twin. */
  | 'TWIN'
  /** No birth has declared the metric. */
  | 'UNDECLARED'
  /** No topic of the settings fits. */
  | 'UNMATCHED'
  /** A value in the payload is no number and no boolean. */
  | 'VALUE';

/** Conditions on each Model; all that are given must be met. */
export type ModelFilter = {
  and?: InputMaybe<Array<ModelFilter>>;
  expression?: InputMaybe<TextFilter>;
  form?: InputMaybe<ModelFormFilter>;
  inputs?: InputMaybe<IdFilter>;
  not?: InputMaybe<ModelFilter>;
  or?: InputMaybe<Array<ModelFilter>>;
  property?: InputMaybe<IdFilter>;
  simulationRun?: InputMaybe<IdFilter>;
  table?: InputMaybe<TextFilter>;
  title?: InputMaybe<TextFilter>;
  uncertainty?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
};

/** The values of ModelForm. */
export type ModelForm =
  | 'EXPRESSION'
  | 'TABLE';

/** Conditions on a field of type ModelForm; all that are given must be met. */
export type ModelFormFilter = {
  eq?: InputMaybe<ModelForm>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<ModelForm>>;
  ne?: InputMaybe<ModelForm>;
};

/** The fields of class Model to write. */
export type ModelInput = {
  expression?: InputMaybe<Scalars['String']['input']>;
  form?: InputMaybe<ModelForm>;
  id?: InputMaybe<Scalars['ID']['input']>;
  inputs?: InputMaybe<Array<ModelVariableInput>>;
  property?: InputMaybe<Scalars['ID']['input']>;
  simulationRun?: InputMaybe<Scalars['ID']['input']>;
  table?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  uncertainty?: InputMaybe<Scalars['Float']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
};

/** One sort key for instances of Model. */
export type ModelOrder =
  { expression: OrderDirection; form?: never; iri?: never; table?: never; title?: never; uncertainty?: never; }
  |  { expression?: never; form: OrderDirection; iri?: never; table?: never; title?: never; uncertainty?: never; }
  |  { expression?: never; form?: never; iri: OrderDirection; table?: never; title?: never; uncertainty?: never; }
  |  { expression?: never; form?: never; iri?: never; table: OrderDirection; title?: never; uncertainty?: never; }
  |  { expression?: never; form?: never; iri?: never; table?: never; title: OrderDirection; uncertainty?: never; }
  |  { expression?: never; form?: never; iri?: never; table?: never; title?: never; uncertainty: OrderDirection; };

/** Conditions on each ModelVariable; all that are given must be met. */
export type ModelVariableFilter = {
  and?: InputMaybe<Array<ModelVariableFilter>>;
  lower?: InputMaybe<FloatFilter>;
  name?: InputMaybe<TextFilter>;
  not?: InputMaybe<ModelVariableFilter>;
  or?: InputMaybe<Array<ModelVariableFilter>>;
  property?: InputMaybe<IdFilter>;
  unit?: InputMaybe<IdFilter>;
  upper?: InputMaybe<FloatFilter>;
};

/** The fields of class ModelVariable to write. */
export type ModelVariableInput = {
  id?: InputMaybe<Scalars['ID']['input']>;
  lower?: InputMaybe<Scalars['Float']['input']>;
  name?: InputMaybe<Scalars['String']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  upper?: InputMaybe<Scalars['Float']['input']>;
};

/** One sort key for instances of ModelVariable. */
export type ModelVariableOrder =
  { iri: OrderDirection; lower?: never; name?: never; upper?: never; }
  |  { iri?: never; lower: OrderDirection; name?: never; upper?: never; }
  |  { iri?: never; lower?: never; name: OrderDirection; upper?: never; }
  |  { iri?: never; lower?: never; name?: never; upper: OrderDirection; };

/** Conditions on each Modification; all that are given must be met. */
export type ModificationFilter = {
  and?: InputMaybe<Array<ModificationFilter>>;
  at?: InputMaybe<DateTimeFilter>;
  changeRequest?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<ModificationFilter>;
  or?: InputMaybe<Array<ModificationFilter>>;
  realizes?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
  twin?: InputMaybe<IdFilter>;
};

/** The fields of class Modification to write. */
export type ModificationInput = {
  at?: InputMaybe<Scalars['DateTime']['input']>;
  changeRequest?: InputMaybe<Scalars['ID']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  realizes?: InputMaybe<Scalars['ID']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  twin?: InputMaybe<Scalars['ID']['input']>;
};

/** One sort key for instances of Modification. */
export type ModificationOrder =
  { at: OrderDirection; identifier?: never; iri?: never; title?: never; }
  |  { at?: never; identifier: OrderDirection; iri?: never; title?: never; }
  |  { at?: never; identifier?: never; iri: OrderDirection; title?: never; }
  |  { at?: never; identifier?: never; iri?: never; title: OrderDirection; };

/** What a note says. */
export type NoteKind =
  /** A lot went into a build. */
  | 'BUILD_CONSUMED'
  /** The record of an installation was corrected. */
  | 'INSTALLATION_CORRECTED'
  /** A limit is new. */
  | 'LIMIT_ADDED'
  /** A limit allows more than before. */
  | 'LIMIT_LOOSENED'
  /** A limit is about something else: another property, statistic, window, scope or condition. */
  | 'LIMIT_REDEFINED'
  /** A limit was removed. */
  | 'LIMIT_REMOVED'
  /** A limit is written otherwise, as in another unit, and means the same. */
  | 'LIMIT_RESTATED'
  /** A limit allows some things that it did not, and no longer allows others. */
  | 'LIMIT_SHIFTED'
  /** A limit allows less than before. */
  | 'LIMIT_TIGHTENED'
  /** A design or requirement became obsolete. */
  | 'OBSOLETED'
  /** A design or requirement was released. */
  | 'RELEASED'
  /** What people call it has changed. */
  | 'RENAMED'
  /** A design came to satisfy a requirement. */
  | 'REQUIREMENT_SATISFIED'
  /** A design no longer satisfies a requirement. */
  | 'REQUIREMENT_UNSATISFIED'
  /** It was removed from the thread. */
  | 'RETIRED'
  /** A revision was superseded by another one. */
  | 'REVISION_SUPERSEDED'
  /** A signal is new. */
  | 'SIGNAL_ADDED'
  /** A signal was removed. */
  | 'SIGNAL_REMOVED'
  /** A signal is taken to be in another unit. */
  | 'SIGNAL_UNIT_CHANGED'
  /** A status changed otherwise. */
  | 'STATUS_CHANGED'
  /** A unit was installed for the first time. */
  | 'UNIT_INSTALLED'
  /** A unit was modified to another design revision. */
  | 'UNIT_MODIFIED'
  /** A unit that was installed before was installed again. */
  | 'UNIT_REINSTALLED'
  /** A unit was taken out. */
  | 'UNIT_REMOVED';

/** The input of the mutation openReview. */
export type OpenReviewInput = {
  /** A watermark, or a past instant: the last watermark at or before it, by when samples arrived. The newest where absent. */
  asKnownAt?: InputMaybe<Scalars['String']['input']>;
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes the record. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** What it is about. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** The design revisions under review. */
  designs: Array<Scalars['ID']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Its identifier; the next of DR-1, DR-2, … where absent. */
  identifier?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Who takes part. */
  participants?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The requirements that they are compared with; all that they satisfy where absent. */
  requirements?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** How much must have been observed before anything is concluded; by default as in the settings of the thread, in a review as when it was opened. */
  sufficiency?: InputMaybe<SufficiencyInput>;
  /** What it is about, in one line. */
  title: Scalars['String']['input'];
  window: WindowInput;
};

/** The direction of a sort. */
export type OrderDirection =
  /** The smallest first; what has no value comes last. */
  | 'ASC'
  /** The greatest first; what has no value comes first. */
  | 'DESC';

/** Conditions on each Part; all that are given must be met. */
export type PartFilter = {
  and?: InputMaybe<Array<PartFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<PartFilter>;
  or?: InputMaybe<Array<PartFilter>>;
  owner?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class Part to write. */
export type PartInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of Part. */
export type PartOrder =
  { identifier: OrderDirection; iri?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; title: OrderDirection; };

/** Conditions on each PartUsage; all that are given must be met. */
export type PartUsageFilter = {
  and?: InputMaybe<Array<PartUsageFilter>>;
  child?: InputMaybe<IdFilter>;
  effectivities?: InputMaybe<IdFilter>;
  not?: InputMaybe<PartUsageFilter>;
  or?: InputMaybe<Array<PartUsageFilter>>;
  position?: InputMaybe<TextFilter>;
  quantity?: InputMaybe<FloatFilter>;
};

/** The fields of class PartUsage to write. */
export type PartUsageInput = {
  child?: InputMaybe<Scalars['ID']['input']>;
  effectivities?: InputMaybe<Array<EffectivityInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  position?: InputMaybe<Scalars['String']['input']>;
  quantity?: InputMaybe<Scalars['Float']['input']>;
};

/** One sort key for instances of PartUsage. */
export type PartUsageOrder =
  { iri: OrderDirection; position?: never; quantity?: never; }
  |  { iri?: never; position: OrderDirection; quantity?: never; }
  |  { iri?: never; position?: never; quantity: OrderDirection; };

/** The values of PolicyAutonomy. */
export type PolicyAutonomy =
  | 'ORDER'
  | 'ORDER_AFTER_APPROVAL'
  | 'RECOMMEND';

/** Conditions on a field of type PolicyAutonomy; all that are given must be met. */
export type PolicyAutonomyFilter = {
  eq?: InputMaybe<PolicyAutonomy>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<PolicyAutonomy>>;
  ne?: InputMaybe<PolicyAutonomy>;
};

/** Conditions on each Property; all that are given must be met. */
export type PropertyFilter = {
  and?: InputMaybe<Array<PropertyFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<PropertyFilter>;
  or?: InputMaybe<Array<PropertyFilter>>;
  quantityKind?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
};

/** The fields of class Property to write. */
export type PropertyInput = {
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  quantityKind?: InputMaybe<Scalars['ID']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
};

/** One sort key for instances of Property. */
export type PropertyOrder =
  { identifier: OrderDirection; iri?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; title: OrderDirection; };

/** The input of the mutation proposeActions. */
export type ProposeActionsInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** By when; where nobody has acknowledged it by then, it expires. */
  dueAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Field evidence that is the reason. */
  evidence?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** The finding that is the reason. */
  finding?: InputMaybe<Scalars['ID']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** What is to be done, in words. */
  instructions?: InputMaybe<Scalars['String']['input']>;
  /** What is to be done. */
  kind: ActionKind;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The place in each target of the component that is to be worked on. */
  position?: InputMaybe<Scalars['String']['input']>;
  /** What is to be set or limited. */
  property?: InputMaybe<Scalars['ID']['input']>;
  /** The design revision that they are to have afterwards. */
  realizes?: InputMaybe<Scalars['ID']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
  /** The units or lots, at most 1,000; where absent, the units that the evidence of the finding names. */
  targets?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** What it is, in one line; made of the kind, the target and the finding where absent. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** The unit of the value. */
  unit?: InputMaybe<Scalars['ID']['input']>;
  /** The value that it is to be set or limited to. */
  value?: InputMaybe<Scalars['Float']['input']>;
};

/** The input of the mutation recordDeviations. */
export type RecordDeviationsInput = {
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** Control limits are those of what was measured before this; of all where absent. */
  baselineUntil?: InputMaybe<Scalars['DateTime']['input']>;
  /** The branch that takes the record. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** One characteristic, by its name; each where absent. */
  characteristic?: InputMaybe<Scalars['String']['input']>;
  /** How sure limits of capability are, between 0 and 1. */
  confidence?: InputMaybe<Scalars['Float']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** A Part, DesignRevision, Build or TwinInstance. */
  item: Scalars['ID']['input'];
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The rules of Nelson whose signals are recorded, from 1 to 8; values out of tolerance always are. */
  rules?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** What makes a point. */
  subgroups?: InputMaybe<Subgroups>;
  /** Only what was measured then; at any time where absent. */
  window?: InputMaybe<WindowInput>;
};

/** The input of the mutation recordEvidence. */
export type RecordEvidenceInput = {
  /** A watermark, or a past instant: the last watermark at or before it, by when samples arrived. The newest where absent. */
  asKnownAt?: InputMaybe<Scalars['String']['input']>;
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes the record. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** A Part, DesignRevision, Build or TwinInstance. */
  item: Scalars['ID']['input'];
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Whether violations open findings, or become further evidence of those that are there. */
  openFindings?: InputMaybe<Scalars['Boolean']['input']>;
  /** One requirement; all that the design satisfies where absent. */
  requirement?: InputMaybe<Scalars['ID']['input']>;
  /** How much must have been observed before anything is concluded; by default as in the settings of the thread, in a review as when it was opened. */
  sufficiency?: InputMaybe<SufficiencyInput>;
  window: WindowInput;
};

/** The input of the mutation recordForecasts. */
export type RecordForecastsInput = {
  /** A watermark, or a past instant: the last watermark at or before it, by when samples arrived. The newest where absent. */
  asKnownAt?: InputMaybe<Scalars['String']['input']>;
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes the record. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Each stretch of this length is a point. */
  bucket?: InputMaybe<Scalars['Duration']['input']>;
  /** Units that are expected to break it until then are forecast. */
  by: Scalars['DateTime']['input'];
  /** How sure intervals are, between 0 and 1. */
  confidence?: InputMaybe<Scalars['Float']['input']>;
  /** The constraint that units are expected to break: on samples, with one limit. */
  constraint: Scalars['ID']['input'];
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** A Part, DesignRevision, Build or TwinInstance. */
  item: Scalars['ID']['input'];
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** How many lines are drawn for the intervals, from 100 to 10000. */
  resamples?: InputMaybe<Scalars['Int']['input']>;
  /** The same seed gives the same intervals. */
  seed?: InputMaybe<Scalars['Long']['input']>;
  window: WindowInput;
  /** The time zone in which days and months begin. */
  zone?: InputMaybe<Scalars['String']['input']>;
};

/** The input of the mutation reportActions. */
export type ReportActionsInput = {
  /** The actions. */
  actions: Array<Scalars['ID']['input']>;
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  reason: Scalars['String']['input'];
  /** The number by which the system that does the work knows the order. */
  reference?: InputMaybe<Scalars['String']['input']>;
  /** What became of them. */
  report: ActionReport;
};

/** Conditions on each Requirement; all that are given must be met. */
export type RequirementFilter = {
  and?: InputMaybe<Array<RequirementFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  constraints?: InputMaybe<IdFilter>;
  derivedFrom?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  integrityLevel?: InputMaybe<TextFilter>;
  isPartOf?: InputMaybe<IdFilter>;
  not?: InputMaybe<RequirementFilter>;
  or?: InputMaybe<Array<RequirementFilter>>;
  order?: InputMaybe<FloatFilter>;
  owner?: InputMaybe<IdFilter>;
  status?: InputMaybe<DesignStatusFilter>;
  title?: InputMaybe<TextFilter>;
  verificationMethods?: InputMaybe<VerificationMethodFilter>;
};

/** The fields of class Requirement to write. */
export type RequirementInput = {
  constraints?: InputMaybe<Array<ConstraintInput>>;
  derivedFrom?: InputMaybe<Array<Scalars['ID']['input']>>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  integrityLevel?: InputMaybe<Scalars['String']['input']>;
  isPartOf?: InputMaybe<Scalars['ID']['input']>;
  order?: InputMaybe<Scalars['Float']['input']>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  status?: InputMaybe<DesignStatus>;
  title?: InputMaybe<Scalars['String']['input']>;
  verificationMethods?: InputMaybe<Array<VerificationMethod>>;
};

/** What a requirement needs to be covered. */
export type RequirementNeed =
  /** A design revision that satisfies it. */
  | 'DESIGN'
  /** For each of its constraints, a signal that observes the constraint's property. */
  | 'OBSERVATION'
  /** A test case, test result or simulation that verifies it. */
  | 'VERIFICATION';

/** One sort key for instances of Requirement. */
export type RequirementOrder =
  { identifier: OrderDirection; integrityLevel?: never; iri?: never; order?: never; status?: never; title?: never; }
  |  { identifier?: never; integrityLevel: OrderDirection; iri?: never; order?: never; status?: never; title?: never; }
  |  { identifier?: never; integrityLevel?: never; iri: OrderDirection; order?: never; status?: never; title?: never; }
  |  { identifier?: never; integrityLevel?: never; iri?: never; order: OrderDirection; status?: never; title?: never; }
  |  { identifier?: never; integrityLevel?: never; iri?: never; order?: never; status: OrderDirection; title?: never; }
  |  { identifier?: never; integrityLevel?: never; iri?: never; order?: never; status?: never; title: OrderDirection; };

/** Which units come first. */
export type ResidualOrder =
  /** Those whose mean residual is farthest from 0; those without a residual last. */
  | 'FARTHEST'
  /** In the order of their IRIs. */
  | 'UNIT';

/** What is decided of a conflict, or of anything else that a merge touches: take one side, or give values. */
export type Resolution = {
  /** The property, as the conflict names it; absent for the resource as a whole. */
  property?: InputMaybe<Scalars['String']['input']>;
  /** The resource or fragment, as the conflict names it. */
  resource: Scalars['ID']['input'];
  /** The side whose values it ends with. */
  take?: InputMaybe<MergeSide>;
  /** The values it ends with, instead of a side's, each written as in a table: 80.5, an IRI, a unit. */
  values?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** Conditions on each Resource; all that are given must be met. */
export type ResourceFilter = {
  and?: InputMaybe<Array<ResourceFilter>>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<ResourceFilter>;
  or?: InputMaybe<Array<ResourceFilter>>;
  title?: InputMaybe<TextFilter>;
};

/** One sort key for instances of Resource. */
export type ResourceOrder =
  { identifier: OrderDirection; iri?: never; title?: never; }
  |  { identifier?: never; iri: OrderDirection; title?: never; }
  |  { identifier?: never; iri?: never; title: OrderDirection; };

/** The input of the mutation retryDeliveries. */
export type RetryDeliveriesInput = {
  /** The name of one delivery; all that were given up where absent. */
  id?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The target. */
  target: Scalars['String']['input'];
};

/** The input of the mutation revert. */
export type RevertInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes the commit. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** The commit to undo, by any of its names. */
  commit: Scalars['String']['input'];
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** What is decided about the conflicts. */
  resolutions?: InputMaybe<Array<Resolution>>;
};

/** The outcome of a review. */
export type ReviewDecision =
  /** The design is accepted. */
  | 'APPROVED'
  /** The design is not accepted. */
  | 'REJECTED';

/** The input of the mutation runDataMonitors. */
export type RunDataMonitorsInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The input of the mutation runMonitors. */
export type RunMonitorsInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The monitors; all where absent. */
  names?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** The input of the mutation runPolicies. */
export type RunPoliciesInput = {
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Where a resource has the words that were searched for. */
export type SearchPlace =
  /** Its descriptions have some of the words. */
  | 'DESCRIPTION'
  /** One of its identifiers is the text. */
  | 'IDENTIFIER'
  /** One of its identifiers begins with the text. */
  | 'IDENTIFIER_PREFIX'
  /** Its identifiers, titles and labels have all words. */
  | 'TITLE';

/** The input of the mutation signReview. */
export type SignReviewInput = {
  /** Who signs: whoever sends the request where absent, who must be a person. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that has the record. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Why. */
  comment?: InputMaybe<Scalars['String']['input']>;
  /** What it comes to. */
  decision: ReviewDecision;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Who took part, beside those who were named before. */
  participants?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The review. */
  review: Scalars['ID']['input'];
};

/** Conditions on each Signal; all that are given must be met. */
export type SignalFilter = {
  and?: InputMaybe<Array<SignalFilter>>;
  expectedPeriod?: InputMaybe<DurationFilter>;
  kind?: InputMaybe<SignalKindFilter>;
  name?: InputMaybe<TextFilter>;
  not?: InputMaybe<SignalFilter>;
  or?: InputMaybe<Array<SignalFilter>>;
  plausibleMax?: InputMaybe<FloatFilter>;
  plausibleMin?: InputMaybe<FloatFilter>;
  position?: InputMaybe<TextFilter>;
  property?: InputMaybe<IdFilter>;
  source?: InputMaybe<TextFilter>;
  unit?: InputMaybe<IdFilter>;
  validFrom?: InputMaybe<DateTimeFilter>;
  validTo?: InputMaybe<DateTimeFilter>;
};

/** The fields of class Signal to write. */
export type SignalInput = {
  expectedPeriod?: InputMaybe<Scalars['Duration']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  kind?: InputMaybe<SignalKind>;
  name?: InputMaybe<Scalars['String']['input']>;
  plausibleMax?: InputMaybe<Scalars['Float']['input']>;
  plausibleMin?: InputMaybe<Scalars['Float']['input']>;
  position?: InputMaybe<Scalars['String']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  source?: InputMaybe<Scalars['String']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  validFrom?: InputMaybe<Scalars['DateTime']['input']>;
  validTo?: InputMaybe<Scalars['DateTime']['input']>;
};

/** What the samples of a signal are. */
export type SignalKind =
  /** A running total. */
  | 'COUNTER'
  /** Readings of a quantity. */
  | 'GAUGE'
  /** Numbered states. */
  | 'STATE';

/** Conditions on a field of type SignalKind; all that are given must be met. */
export type SignalKindFilter = {
  eq?: InputMaybe<SignalKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<SignalKind>>;
  ne?: InputMaybe<SignalKind>;
};

/** One sort key for instances of Signal. */
export type SignalOrder =
  { expectedPeriod: OrderDirection; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri: OrderDirection; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind: OrderDirection; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name: OrderDirection; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax: OrderDirection; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin: OrderDirection; position?: never; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position: OrderDirection; source?: never; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source: OrderDirection; validFrom?: never; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom: OrderDirection; validTo?: never; }
  |  { expectedPeriod?: never; iri?: never; kind?: never; name?: never; plausibleMax?: never; plausibleMin?: never; position?: never; source?: never; validFrom?: never; validTo: OrderDirection; };

/** Conditions on each SimulationRun; all that are given must be met. */
export type SimulationRunFilter = {
  and?: InputMaybe<Array<SimulationRunFilter>>;
  artefacts?: InputMaybe<IdFilter>;
  at?: InputMaybe<DateTimeFilter>;
  conditions?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  designs?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<SimulationRunFilter>;
  or?: InputMaybe<Array<SimulationRunFilter>>;
  owner?: InputMaybe<IdFilter>;
  property?: InputMaybe<IdFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  title?: InputMaybe<TextFilter>;
  transform?: InputMaybe<TransformFilter>;
  uncertainty?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
  value?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<VerdictFilter>;
  verifies?: InputMaybe<IdFilter>;
};

/** The fields of class SimulationRun to write. */
export type SimulationRunInput = {
  artefacts?: InputMaybe<Array<ArtefactInput>>;
  at?: InputMaybe<Scalars['DateTime']['input']>;
  conditions?: InputMaybe<Array<ConditionInput>>;
  description?: InputMaybe<Scalars['String']['input']>;
  designs?: InputMaybe<Array<Scalars['ID']['input']>>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  statistic?: InputMaybe<Statistic>;
  title?: InputMaybe<Scalars['String']['input']>;
  transform?: InputMaybe<Transform>;
  uncertainty?: InputMaybe<Scalars['Float']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  value?: InputMaybe<Scalars['Float']['input']>;
  verdict?: InputMaybe<Verdict>;
  verifies?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** One sort key for instances of SimulationRun. */
export type SimulationRunOrder =
  { at: OrderDirection; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier: OrderDirection; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri: OrderDirection; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic: OrderDirection; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title: OrderDirection; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform: OrderDirection; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty: OrderDirection; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value: OrderDirection; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict: OrderDirection; };

/** The values of SpectrumKind. */
export type SpectrumKind =
  | 'ASSUMED'
  | 'TESTED';

/** Conditions on a field of type SpectrumKind; all that are given must be met. */
export type SpectrumKindFilter = {
  eq?: InputMaybe<SpectrumKind>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<SpectrumKind>>;
  ne?: InputMaybe<SpectrumKind>;
};

/** A number that stands for many samples or lives. */
export type Statistic =
  /** The age at which 1 % of the units have failed. */
  | 'B01'
  /** The age at which 5 % of the units have failed. */
  | 'B05'
  /** The age at which 10 % of the units have failed. */
  | 'B10'
  /** The age at which half of the units have failed. */
  | 'B50'
  | 'DUTY'
  /** The greatest value. */
  | 'MAX'
  /** The mean over time. */
  | 'MEAN'
  /** The smallest value. */
  | 'MIN'
  /** The 1st percentile. */
  | 'P01'
  /** The 5th percentile. */
  | 'P05'
  /** The median. */
  | 'P50'
  /** The 95th percentile. */
  | 'P95'
  /** The 99th percentile. */
  | 'P99'
  /** The share of units that survive to an age. */
  | 'RELIABILITY';

/** Conditions on a field of type Statistic; all that are given must be met. */
export type StatisticFilter = {
  eq?: InputMaybe<Statistic>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Statistic>>;
  ne?: InputMaybe<Statistic>;
};

/** What makes a point of a control chart. */
export type Subgroups =
  /** The values of a lot, two at least: charts of means and of standard deviations. */
  | 'LOT'
  /** Each value: charts of single values and of moving ranges. */
  | 'NONE';

/** Bounds below which a verdict is UNKNOWN. */
export type SufficiencyInput = {
  /** The hours that samples of a unit must cover. */
  hours?: InputMaybe<Scalars['Float']['input']>;
  /** The share of a unit's hours in service that samples must cover, undecided hours left out; from 0 to 1. */
  share?: InputMaybe<Scalars['Float']['input']>;
  /** The share of units about which something can be concluded, from 0 to 1. */
  unitShare?: InputMaybe<Scalars['Float']['input']>;
};

/** The input of the mutation tag. */
export type TagInput = {
  /** A version: a branch, a tag, review:ID, a commit id, BRANCH@INSTANT, or an instant of main. */
  at?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the tag. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** The name. */
  name: Scalars['String']['input'];
};

/** Conditions on each TestCase; all that are given must be met. */
export type TestCaseFilter = {
  and?: InputMaybe<Array<TestCaseFilter>>;
  artefacts?: InputMaybe<IdFilter>;
  at?: InputMaybe<DateTimeFilter>;
  conditions?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  designs?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<TestCaseFilter>;
  or?: InputMaybe<Array<TestCaseFilter>>;
  owner?: InputMaybe<IdFilter>;
  property?: InputMaybe<IdFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  title?: InputMaybe<TextFilter>;
  transform?: InputMaybe<TransformFilter>;
  uncertainty?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
  value?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<VerdictFilter>;
  verifies?: InputMaybe<IdFilter>;
};

/** The fields of class TestCase to write. */
export type TestCaseInput = {
  artefacts?: InputMaybe<Array<ArtefactInput>>;
  at?: InputMaybe<Scalars['DateTime']['input']>;
  conditions?: InputMaybe<Array<ConditionInput>>;
  description?: InputMaybe<Scalars['String']['input']>;
  designs?: InputMaybe<Array<Scalars['ID']['input']>>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  statistic?: InputMaybe<Statistic>;
  title?: InputMaybe<Scalars['String']['input']>;
  transform?: InputMaybe<Transform>;
  uncertainty?: InputMaybe<Scalars['Float']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  value?: InputMaybe<Scalars['Float']['input']>;
  verdict?: InputMaybe<Verdict>;
  verifies?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** One sort key for instances of TestCase. */
export type TestCaseOrder =
  { at: OrderDirection; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier: OrderDirection; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri: OrderDirection; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic: OrderDirection; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title: OrderDirection; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform: OrderDirection; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty: OrderDirection; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value: OrderDirection; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict: OrderDirection; };

/** Conditions on each TestResult; all that are given must be met. */
export type TestResultFilter = {
  and?: InputMaybe<Array<TestResultFilter>>;
  artefacts?: InputMaybe<IdFilter>;
  at?: InputMaybe<DateTimeFilter>;
  conditions?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  designs?: InputMaybe<IdFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<TestResultFilter>;
  or?: InputMaybe<Array<TestResultFilter>>;
  owner?: InputMaybe<IdFilter>;
  property?: InputMaybe<IdFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  testCase?: InputMaybe<IdFilter>;
  title?: InputMaybe<TextFilter>;
  transform?: InputMaybe<TransformFilter>;
  uncertainty?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
  value?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<VerdictFilter>;
  verifies?: InputMaybe<IdFilter>;
};

/** The fields of class TestResult to write. */
export type TestResultInput = {
  artefacts?: InputMaybe<Array<ArtefactInput>>;
  at?: InputMaybe<Scalars['DateTime']['input']>;
  conditions?: InputMaybe<Array<ConditionInput>>;
  description?: InputMaybe<Scalars['String']['input']>;
  designs?: InputMaybe<Array<Scalars['ID']['input']>>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  owner?: InputMaybe<Scalars['ID']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  statistic?: InputMaybe<Statistic>;
  testCase?: InputMaybe<Scalars['ID']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  transform?: InputMaybe<Transform>;
  uncertainty?: InputMaybe<Scalars['Float']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
  value?: InputMaybe<Scalars['Float']['input']>;
  verdict?: InputMaybe<Verdict>;
  verifies?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** One sort key for instances of TestResult. */
export type TestResultOrder =
  { at: OrderDirection; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier: OrderDirection; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri: OrderDirection; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic: OrderDirection; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title: OrderDirection; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform: OrderDirection; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty: OrderDirection; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value: OrderDirection; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict: OrderDirection; };

/** Conditions on a field of type String; all that are given must be met. */
export type TextFilter = {
  contains?: InputMaybe<Scalars['String']['input']>;
  eq?: InputMaybe<Scalars['String']['input']>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  ge?: InputMaybe<Scalars['String']['input']>;
  gt?: InputMaybe<Scalars['String']['input']>;
  in?: InputMaybe<Array<Scalars['String']['input']>>;
  le?: InputMaybe<Scalars['String']['input']>;
  lt?: InputMaybe<Scalars['String']['input']>;
  ne?: InputMaybe<Scalars['String']['input']>;
  startsWith?: InputMaybe<Scalars['String']['input']>;
};

/** Which way links are followed. */
export type TraceDirection =
  /** From a resource to what links to it. */
  | 'BACKWARD'
  /** Both ways. */
  | 'BOTH'
  /** From a resource to what it links to. */
  | 'FORWARD'
  /** From what was observed in the field to what was required: to unit, lot, revision, requirement, test and owner. */
  | 'UP';

/** What is done to each value before anything else. */
export type Transform =
  /** The sign is dropped. */
  | 'ABS'
  /** Nothing. */
  | 'NONE';

/** Conditions on a field of type Transform; all that are given must be met. */
export type TransformFilter = {
  eq?: InputMaybe<Transform>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Transform>>;
  ne?: InputMaybe<Transform>;
};

/** What becomes of a statistic of a unit. */
export type TrendOutcome =
  /** The line reaches the limit later. */
  | 'CROSSES'
  /** The line leads away from the limit, or along it. */
  | 'NO_CROSSING'
  /** The line has reached the limit. */
  | 'REACHED'
  /** Too few buckets were observed enough; `shortfall` gives their number. */
  | 'UNKNOWN';

/** Conditions on each TwinInstance; all that are given must be met. */
export type TwinInstanceFilter = {
  and?: InputMaybe<Array<TwinInstanceFilter>>;
  builtBy?: InputMaybe<IdFilter>;
  commissionedAt?: InputMaybe<DateTimeFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  level?: InputMaybe<TwinLevelFilter>;
  not?: InputMaybe<TwinInstanceFilter>;
  or?: InputMaybe<Array<TwinInstanceFilter>>;
  part?: InputMaybe<IdFilter>;
  retiredAt?: InputMaybe<DateTimeFilter>;
  signals?: InputMaybe<IdFilter>;
  site?: InputMaybe<TextFilter>;
  timeZone?: InputMaybe<TextFilter>;
  title?: InputMaybe<TextFilter>;
  unitNumber?: InputMaybe<LongFilter>;
};

/** The fields of class TwinInstance to write. */
export type TwinInstanceInput = {
  builtBy?: InputMaybe<Scalars['ID']['input']>;
  commissionedAt?: InputMaybe<Scalars['DateTime']['input']>;
  description?: InputMaybe<Scalars['String']['input']>;
  foreignIdentifiers?: InputMaybe<Array<ForeignIdentifierInput>>;
  id?: InputMaybe<Scalars['ID']['input']>;
  identifier?: InputMaybe<Scalars['String']['input']>;
  level?: InputMaybe<TwinLevel>;
  part?: InputMaybe<Scalars['ID']['input']>;
  retiredAt?: InputMaybe<Scalars['DateTime']['input']>;
  signals?: InputMaybe<Array<SignalInput>>;
  site?: InputMaybe<Scalars['String']['input']>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  title?: InputMaybe<Scalars['String']['input']>;
  unitNumber?: InputMaybe<Scalars['Long']['input']>;
};

/** One sort key for instances of TwinInstance. */
export type TwinInstanceOrder =
  { commissionedAt: OrderDirection; identifier?: never; iri?: never; level?: never; retiredAt?: never; site?: never; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier: OrderDirection; iri?: never; level?: never; retiredAt?: never; site?: never; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri: OrderDirection; level?: never; retiredAt?: never; site?: never; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level: OrderDirection; retiredAt?: never; site?: never; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level?: never; retiredAt: OrderDirection; site?: never; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level?: never; retiredAt?: never; site: OrderDirection; timeZone?: never; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level?: never; retiredAt?: never; site?: never; timeZone: OrderDirection; title?: never; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level?: never; retiredAt?: never; site?: never; timeZone?: never; title: OrderDirection; unitNumber?: never; }
  |  { commissionedAt?: never; identifier?: never; iri?: never; level?: never; retiredAt?: never; site?: never; timeZone?: never; title?: never; unitNumber: OrderDirection; };

/** What a twin represents. */
export type TwinLevel =
  /** An asset, such as a machine. */
  | 'ASSET'
  /** A component within an asset. */
  | 'COMPONENT'
  /** A process that assets take part in. */
  | 'PROCESS'
  /** A system of several assets. */
  | 'SYSTEM';

/** Conditions on a field of type TwinLevel; all that are given must be met. */
export type TwinLevelFilter = {
  eq?: InputMaybe<TwinLevel>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<TwinLevel>>;
  ne?: InputMaybe<TwinLevel>;
};

/** Why a property or a series could not be bound. */
export type UnboundReason =
  /** The signal fits several series with samples at one time: its source must name the one that counts, by measurement, tag=value or twin=NAME. */
  | 'MANY_SERIES'
  /** Several signals claim the same time alike. */
  | 'MANY_SIGNALS'
  /** It is unknown whether a condition holds: its signal fits no series or several. */
  | 'NO_CONDITION'
  /** No signal observes the property there, or names the series. */
  | 'NO_SIGNAL'
  /** The series comes under a name that denotes no twin, or several. */
  | 'NO_TWIN';

/** Conditions on each UnitResult; all that are given must be met. */
export type UnitResultFilter = {
  and?: InputMaybe<Array<UnitResultFilter>>;
  conformingHours?: InputMaybe<FloatFilter>;
  not?: InputMaybe<UnitResultFilter>;
  observed?: InputMaybe<FloatFilter>;
  observedHours?: InputMaybe<FloatFilter>;
  or?: InputMaybe<Array<UnitResultFilter>>;
  twin?: InputMaybe<IdFilter>;
  verdict?: InputMaybe<MarginVerdictFilter>;
};

/** One sort key for instances of UnitResult. */
export type UnitResultOrder =
  { conformingHours: OrderDirection; iri?: never; observed?: never; observedHours?: never; verdict?: never; }
  |  { conformingHours?: never; iri: OrderDirection; observed?: never; observedHours?: never; verdict?: never; }
  |  { conformingHours?: never; iri?: never; observed: OrderDirection; observedHours?: never; verdict?: never; }
  |  { conformingHours?: never; iri?: never; observed?: never; observedHours: OrderDirection; verdict?: never; }
  |  { conformingHours?: never; iri?: never; observed?: never; observedHours?: never; verdict: OrderDirection; };

/** What kind of error a mutation met. */
export type UserErrorCode =
  /** The request cannot be carried out as it is: its idempotency key was used for another one, or the commits that it adopts have faults. */
  | 'BAD_INPUT'
  /** Somebody else has changed the same thing, or a name is taken: look again, then repeat. */
  | 'CONFLICT'
  /** The data would break shapes or rules of the ontology. */
  | 'SHAPE_VIOLATION';

/** The outcome of a test, simulation or measurement. */
export type Verdict =
  /** The requirement is not met. */
  | 'FAIL'
  /** It shows neither. */
  | 'INCONCLUSIVE'
  /** The requirement is met. */
  | 'PASS';

/** Conditions on a field of type Verdict; all that are given must be met. */
export type VerdictFilter = {
  eq?: InputMaybe<Verdict>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<Verdict>>;
  ne?: InputMaybe<Verdict>;
};

/** Conditions on each Verification; all that are given must be met. */
export type VerificationFilter = {
  and?: InputMaybe<Array<VerificationFilter>>;
  artefacts?: InputMaybe<IdFilter>;
  at?: InputMaybe<DateTimeFilter>;
  conditions?: InputMaybe<IdFilter>;
  confirmations?: InputMaybe<IdFilter>;
  description?: InputMaybe<TextFilter>;
  foreignIdentifiers?: InputMaybe<IdFilter>;
  identifier?: InputMaybe<TextFilter>;
  not?: InputMaybe<VerificationFilter>;
  or?: InputMaybe<Array<VerificationFilter>>;
  owner?: InputMaybe<IdFilter>;
  property?: InputMaybe<IdFilter>;
  statistic?: InputMaybe<StatisticFilter>;
  title?: InputMaybe<TextFilter>;
  transform?: InputMaybe<TransformFilter>;
  uncertainty?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
  value?: InputMaybe<FloatFilter>;
  verdict?: InputMaybe<VerdictFilter>;
};

/** How a requirement is verified. */
export type VerificationMethod =
  /** By calculation or simulation. */
  | 'ANALYSIS'
  /** By showing it in operation. */
  | 'DEMONSTRATION'
  /** By what units in service show. */
  | 'FIELD'
  /** By examining the product or its documents. */
  | 'INSPECTION'
  /** By measuring it under defined conditions. */
  | 'TEST';

/** Conditions on a field of type VerificationMethod; all that are given must be met. */
export type VerificationMethodFilter = {
  eq?: InputMaybe<VerificationMethod>;
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  in?: InputMaybe<Array<VerificationMethod>>;
  ne?: InputMaybe<VerificationMethod>;
};

/** One sort key for instances of Verification. */
export type VerificationOrder =
  { at: OrderDirection; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier: OrderDirection; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri: OrderDirection; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic: OrderDirection; title?: never; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title: OrderDirection; transform?: never; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform: OrderDirection; uncertainty?: never; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty: OrderDirection; value?: never; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value: OrderDirection; verdict?: never; }
  |  { at?: never; identifier?: never; iri?: never; statistic?: never; title?: never; transform?: never; uncertainty?: never; value?: never; verdict: OrderDirection; };

/** The input of the mutation verifyAction. */
export type VerifyActionInput = {
  /** The action. */
  action: Scalars['ID']['input'];
  /** Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded. */
  author?: InputMaybe<AuthorInput>;
  /** The branch that takes it. */
  branch?: InputMaybe<Scalars['String']['input']>;
  /** Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The message of the commit; a summary where absent. */
  message?: InputMaybe<Scalars['String']['input']>;
  /** Why; what the margins show where absent. */
  reason?: InputMaybe<Scalars['String']['input']>;
};

/** What a sample counts for. */
export type Weight =
  /** One. */
  | 'SAMPLE'
  /** The time that it covers. */
  | 'TIME'
  /** Its time as a share of its unit's: every unit counts once. */
  | 'UNIT';

/** A stretch of time, its end not included. */
export type WindowInput = {
  /** Its first instant. */
  from: Scalars['DateTime']['input'];
  /** The first instant after it. */
  to: Scalars['DateTime']['input'];
};

/** Conditions on each WoehlerLine; all that are given must be met. */
export type WoehlerLineFilter = {
  and?: InputMaybe<Array<WoehlerLineFilter>>;
  belowKnee?: InputMaybe<BelowKneeFilter>;
  cycles?: InputMaybe<FloatFilter>;
  knee?: InputMaybe<FloatFilter>;
  not?: InputMaybe<WoehlerLineFilter>;
  or?: InputMaybe<Array<WoehlerLineFilter>>;
  property?: InputMaybe<IdFilter>;
  slope?: InputMaybe<FloatFilter>;
  unit?: InputMaybe<IdFilter>;
};

/** The fields of class WoehlerLine to write. */
export type WoehlerLineInput = {
  belowKnee?: InputMaybe<BelowKnee>;
  cycles?: InputMaybe<Scalars['Float']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
  knee?: InputMaybe<Scalars['Float']['input']>;
  property?: InputMaybe<Scalars['ID']['input']>;
  slope?: InputMaybe<Scalars['Float']['input']>;
  unit?: InputMaybe<Scalars['ID']['input']>;
};

/** One sort key for instances of WoehlerLine. */
export type WoehlerLineOrder =
  { belowKnee: OrderDirection; cycles?: never; iri?: never; knee?: never; slope?: never; }
  |  { belowKnee?: never; cycles: OrderDirection; iri?: never; knee?: never; slope?: never; }
  |  { belowKnee?: never; cycles?: never; iri: OrderDirection; knee?: never; slope?: never; }
  |  { belowKnee?: never; cycles?: never; iri?: never; knee: OrderDirection; slope?: never; }
  |  { belowKnee?: never; cycles?: never; iri?: never; knee?: never; slope: OrderDirection; };

export type FieldLifeQueryVariables = Exact<{
  design: Scalars['ID']['input'];
  property: Scalars['ID']['input'];
  window: WindowInput;
  at?: InputMaybe<Scalars['String']['input']>;
  asKnownAt?: InputMaybe<Scalars['String']['input']>;
}>;


export type FieldLifeQuery = { thread?: { id: string, watermark: string, designRevision?: { id: string, revision?: string | null, fieldUsage?: { unitCount: number, sampleCount: string, hours: number, mean?: number | null, max?: number | null, p95?: number | null, unit?: { symbol: string } | null, account: { observedHours: number, missingHours: number, unknownConfigurationHours: number } } | null, margins?: Array<{ verdict: MarginVerdict, observed?: number | null, predicted?: number | null, limit: number, conformingUnits?: number | null, requirement?: { id: string, identifier?: string | null } | null, unit?: { symbol: string } | null, violators?: { totalCount: number, nodes: Array<{ serial?: string | null, observed?: number | null }> } | null }> | null } | null } | null };

export type CarriersQueryVariables = Exact<{
  design: Scalars['ID']['input'];
  window?: InputMaybe<WindowInput>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  at?: InputMaybe<Scalars['String']['input']>;
}>;


export type CarriersQuery = { thread?: { id: string, designRevision?: { id: string, population?: { unitCount: number, members?: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ path: string, from?: string | null, to?: string | null, certainty: Certainty, unit: { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { identifier?: string | null, id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string }, asset: { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { identifier?: string | null, site?: string | null, id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } }> } | null } | null } | null } | null };

export type ConfigurationQueryVariables = Exact<{
  twin: Scalars['ID']['input'];
  when?: InputMaybe<Scalars['DateTime']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  at?: InputMaybe<Scalars['String']['input']>;
}>;


export type ConfigurationQuery = { thread?: { id: string, twinInstance?: { id: string, identifier?: string | null, site?: string | null, configuration?: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ path: string, from?: string | null, to?: string | null, certainty: Certainty, item: { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { identifier?: string | null, id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string }, revision?: { id: string, revision?: string | null } | null }> } | null } | null } | null };

export type LatestQueryVariables = Exact<{
  twin: Scalars['ID']['input'];
}>;


export type LatestQuery = { thread?: { id: string, twinInstance?: { id: string, latest?: Array<{ at: string, value: number, property: { id: string, title?: string | null }, unit?: { symbol: string } | null }> | null } | null } | null };

export type TraceQueryVariables = Exact<{
  from: Scalars['ID']['input'];
  direction: TraceDirection;
  depth?: InputMaybe<Scalars['Int']['input']>;
  at?: InputMaybe<Scalars['String']['input']>;
}>;


export type TraceQuery = { thread?: { id: string, trace?: { totalCount: number, nodes: Array<{ depth: number, property: string, backward: boolean, suspect: boolean, resource: { __typename: 'Action', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'ActionStep', id: string, iri: string } | { __typename: 'Artefact', id: string, iri: string } | { __typename: 'Condition', id: string, iri: string } | { __typename: 'Constraint', id: string, iri: string } | { __typename: 'DataFinding', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'DesignReview', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Deviation', id: string, iri: string } | { __typename: 'Effectivity', id: string, iri: string } | { __typename: 'FieldEvidence', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Finding', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Forecast', id: string, iri: string } | { __typename: 'ForeignIdentifier', id: string, iri: string } | { __typename: 'LinkConfirmation', id: string, iri: string } | { __typename: 'LoadLevel', id: string, iri: string } | { __typename: 'LoadSpectrum', id: string, iri: string } | { __typename: 'Model', id: string, iri: string } | { __typename: 'ModelVariable', id: string, iri: string } | { __typename: 'OtherResource', id: string, iri: string } | { __typename: 'PartUsage', id: string, iri: string } | { __typename: 'PlainActionPolicy', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainAgent', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainBranchRule', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainBuild', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainChangeRequest', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainDesignRevision', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainFailureMode', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainFieldEvent', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainInstallation', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainMeasurement', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainModification', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainPart', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainProperty', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainRequirement', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainSimulationRun', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTestCase', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTestResult', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTwinInstance', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Signal', id: string, iri: string } | { __typename: 'UnitResult', id: string, iri: string } | { __typename: 'WoehlerLine', id: string, iri: string } }> } | null } | null };

export type ProvenanceQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ProvenanceQuery = { node?: { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { id: string } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | { iri: string, id: string, provenance: { blame?: { nodes: Array<{ subject: string, property: string, value: string, commit: { id: string, time: string, message: string, author: { name: string } } }> } | null, history?: { nodes: Array<{ difference: Difference, commit: { id: string, time: string, message: string }, notes: Array<{ text: string }> }> } | null } } | null };

export type ChangesQueryVariables = Exact<{
  from: Scalars['String']['input'];
  to: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type ChangesQuery = { diff?: { resources?: { totalCount: number } | null, notes?: { pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ kind: NoteKind, text: string, resource: { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } }> } | null } | null };

export type SearchQueryVariables = Exact<{
  text: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type SearchQuery = { thread?: { id: string, search?: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ __typename: 'Action', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'ActionStep', id: string, iri: string } | { __typename: 'Artefact', id: string, iri: string } | { __typename: 'Condition', id: string, iri: string } | { __typename: 'Constraint', id: string, iri: string } | { __typename: 'DataFinding', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'DesignReview', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Deviation', id: string, iri: string } | { __typename: 'Effectivity', id: string, iri: string } | { __typename: 'FieldEvidence', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Finding', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Forecast', id: string, iri: string } | { __typename: 'ForeignIdentifier', id: string, iri: string } | { __typename: 'LinkConfirmation', id: string, iri: string } | { __typename: 'LoadLevel', id: string, iri: string } | { __typename: 'LoadSpectrum', id: string, iri: string } | { __typename: 'Model', id: string, iri: string } | { __typename: 'ModelVariable', id: string, iri: string } | { __typename: 'OtherResource', id: string, iri: string } | { __typename: 'PartUsage', id: string, iri: string } | { __typename: 'PlainActionPolicy', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainAgent', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainBranchRule', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainBuild', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainChangeRequest', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainDesignRevision', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainFailureMode', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainFieldEvent', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainInstallation', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainMeasurement', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainModification', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainPart', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainProperty', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainRequirement', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainSimulationRun', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTestCase', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTestResult', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'PlainTwinInstance', identifier?: string | null, title?: string | null, id: string, iri: string } | { __typename: 'Signal', id: string, iri: string } | { __typename: 'UnitResult', id: string, iri: string } | { __typename: 'WoehlerLine', id: string, iri: string }> } | null } | null };

export type RequirementsQueryVariables = Exact<{
  filter?: InputMaybe<RequirementFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  at?: InputMaybe<Scalars['String']['input']>;
  asKnownAt?: InputMaybe<Scalars['String']['input']>;
}>;


export type RequirementsQuery = { thread?: { id: string, requirements?: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor?: string | null }, nodes: Array<{ id: string, iri: string, identifier?: string | null, title?: string | null, status?: DesignStatus | null, constraints: Array<{ id: string, statistic?: Statistic | null, comparator?: Comparator | null, limit?: number | null, upperLimit?: number | null, unit?: { symbol: string } | null }> }> } | null } | null };

export type CommitMutationVariables = Exact<{
  input: CommitInput;
}>;


export type CommitMutation = { commit?: { changed?: number | null, commit?: { id: string } | null, resources?: Array<{ id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string } | { id: string, iri: string }> | null, errors: Array<{ __typename: 'ConflictError', head: string, code: UserErrorCode, message: string, conflicts?: { totalCount: number, nodes: Array<{ kind: MergeConflictKind, resource: string, property?: string | null, ours: { values: Array<string> }, theirs: { values: Array<string> } }> } | null } | { __typename: 'FaultsError', code: UserErrorCode, message: string } | { __typename: 'InboundLinkError', code: UserErrorCode, message: string, links: Array<{ from: string, property: string }> } | { __typename: 'KeyUsedError', code: UserErrorCode, message: string } | { __typename: 'StateError', code: UserErrorCode, message: string } | { __typename: 'ViolationError', code: UserErrorCode, message: string, violations?: { totalCount: number, nodes: Array<{ resource: string, path?: string | null, message: string, rule: string }> } | null }> } | null };

export type DecideFindingMutationVariables = Exact<{
  input: DecideFindingInput;
}>;


export type DecideFindingMutation = { decideFinding?: { commit?: { id: string } | null, finding?: { id: string, state?: FindingState | null } | null, changeRequest?: { id: string, identifier?: string | null } | null, errors: Array<{ __typename: 'ConflictError', head: string, code: UserErrorCode, message: string, conflicts?: { totalCount: number, nodes: Array<{ kind: MergeConflictKind, resource: string, property?: string | null, ours: { values: Array<string> }, theirs: { values: Array<string> } }> } | null } | { __typename: 'FaultsError', code: UserErrorCode, message: string } | { __typename: 'InboundLinkError', code: UserErrorCode, message: string, links: Array<{ from: string, property: string }> } | { __typename: 'KeyUsedError', code: UserErrorCode, message: string } | { __typename: 'StateError', code: UserErrorCode, message: string } | { __typename: 'ViolationError', code: UserErrorCode, message: string, violations?: { totalCount: number, nodes: Array<{ resource: string, path?: string | null, message: string, rule: string }> } | null }> } | null };

export type RecordEvidenceMutationVariables = Exact<{
  input: RecordEvidenceInput;
}>;


export type RecordEvidenceMutation = { recordEvidence?: { commit?: { id: string } | null, evidence?: Array<{ id: string, verdict?: MarginVerdict | null, observed?: number | null }> | null, filings?: Array<{ outcome: FilingOutcome, finding: { id: string } }> | null, errors: Array<{ __typename: 'ConflictError', head: string, code: UserErrorCode, message: string, conflicts?: { totalCount: number, nodes: Array<{ kind: MergeConflictKind, resource: string, property?: string | null, ours: { values: Array<string> }, theirs: { values: Array<string> } }> } | null } | { __typename: 'FaultsError', code: UserErrorCode, message: string } | { __typename: 'InboundLinkError', code: UserErrorCode, message: string, links: Array<{ from: string, property: string }> } | { __typename: 'KeyUsedError', code: UserErrorCode, message: string } | { __typename: 'StateError', code: UserErrorCode, message: string } | { __typename: 'ViolationError', code: UserErrorCode, message: string, violations?: { totalCount: number, nodes: Array<{ resource: string, path?: string | null, message: string, rule: string }> } | null }> } | null };

type Refusal_ConflictError_Fragment = { __typename: 'ConflictError', head: string, code: UserErrorCode, message: string, conflicts?: { totalCount: number, nodes: Array<{ kind: MergeConflictKind, resource: string, property?: string | null, ours: { values: Array<string> }, theirs: { values: Array<string> } }> } | null };

type Refusal_FaultsError_Fragment = { __typename: 'FaultsError', code: UserErrorCode, message: string };

type Refusal_InboundLinkError_Fragment = { __typename: 'InboundLinkError', code: UserErrorCode, message: string, links: Array<{ from: string, property: string }> };

type Refusal_KeyUsedError_Fragment = { __typename: 'KeyUsedError', code: UserErrorCode, message: string };

type Refusal_StateError_Fragment = { __typename: 'StateError', code: UserErrorCode, message: string };

type Refusal_ViolationError_Fragment = { __typename: 'ViolationError', code: UserErrorCode, message: string, violations?: { totalCount: number, nodes: Array<{ resource: string, path?: string | null, message: string, rule: string }> } | null };

export type RefusalFragment = Refusal_ConflictError_Fragment | Refusal_FaultsError_Fragment | Refusal_InboundLinkError_Fragment | Refusal_KeyUsedError_Fragment | Refusal_StateError_Fragment | Refusal_ViolationError_Fragment;

export const FieldLife = document<FieldLifeQuery, FieldLifeQueryVariables>("query FieldLife($design: ID!, $property: ID!, $window: WindowInput!, $at: String, $asKnownAt: String) {\n  thread(at: $at, asKnownAt: $asKnownAt) {\n    id\n    watermark\n    designRevision(id: $design) {\n      id\n      revision\n      fieldUsage(property: $property, window: $window) {\n        unit {\n          symbol\n        }\n        unitCount\n        sampleCount\n        hours\n        mean\n        max\n        p95: percentile(p: 0.95)\n        account {\n          observedHours\n          missingHours\n          unknownConfigurationHours\n        }\n      }\n      margins(window: $window) {\n        requirement {\n          id\n          identifier\n        }\n        verdict\n        observed\n        predicted\n        limit\n        unit {\n          symbol\n        }\n        conformingUnits\n        violators(first: 10) {\n          totalCount\n          nodes {\n            serial\n            observed\n          }\n        }\n      }\n    }\n  }\n}");
export const Carriers = document<CarriersQuery, CarriersQueryVariables>("query Carriers($design: ID!, $window: WindowInput, $first: Int, $after: String, $at: String) {\n  thread(at: $at) {\n    id\n    designRevision(id: $design) {\n      id\n      population(window: $window) {\n        unitCount\n        members(first: $first, after: $after) {\n          totalCount\n          pageInfo {\n            hasNextPage\n            endCursor\n          }\n          nodes {\n            unit {\n              id\n              iri\n              ... on TwinInstance {\n                identifier\n              }\n            }\n            asset {\n              id\n              iri\n              ... on TwinInstance {\n                identifier\n                site\n              }\n            }\n            path\n            from\n            to\n            certainty\n          }\n        }\n      }\n    }\n  }\n}");
export const Configuration = document<ConfigurationQuery, ConfigurationQueryVariables>("query Configuration($twin: ID!, $when: DateTime, $first: Int, $after: String, $at: String) {\n  thread(at: $at) {\n    id\n    twinInstance(id: $twin) {\n      id\n      identifier\n      site\n      configuration(at: $when, first: $first, after: $after) {\n        totalCount\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n        nodes {\n          item {\n            id\n            iri\n            ... on TwinInstance {\n              identifier\n            }\n          }\n          path\n          from\n          to\n          certainty\n          revision {\n            id\n            revision\n          }\n        }\n      }\n    }\n  }\n}");
export const Latest = document<LatestQuery, LatestQueryVariables>("query Latest($twin: ID!) {\n  thread {\n    id\n    twinInstance(id: $twin) {\n      id\n      latest {\n        at\n        value\n        property {\n          id\n          title\n        }\n        unit {\n          symbol\n        }\n      }\n    }\n  }\n}");
export const Trace = document<TraceQuery, TraceQueryVariables>("query Trace($from: ID!, $direction: TraceDirection!, $depth: Int, $at: String) {\n  thread(at: $at) {\n    id\n    trace(from: $from, direction: $direction, depth: $depth) {\n      totalCount\n      nodes {\n        depth\n        property\n        backward\n        suspect\n        resource {\n          __typename\n          id\n          iri\n          ... on Resource {\n            identifier\n            title\n          }\n        }\n      }\n    }\n  }\n}");
export const Provenance = document<ProvenanceQuery, ProvenanceQueryVariables>("query Provenance($id: ID!) {\n  node(id: $id) {\n    id\n    ... on Record {\n      iri\n      provenance {\n        blame(first: 1000) {\n          nodes {\n            subject\n            property\n            value\n            commit {\n              id\n              time\n              author {\n                name\n              }\n              message\n            }\n          }\n        }\n        history(first: 20) {\n          nodes {\n            commit {\n              id\n              time\n              message\n            }\n            difference\n            notes {\n              text\n            }\n          }\n        }\n      }\n    }\n  }\n}");
export const Changes = document<ChangesQuery, ChangesQueryVariables>("query Changes($from: String!, $to: String!, $first: Int, $after: String) {\n  diff(from: $from, to: $to) {\n    resources {\n      totalCount\n    }\n    notes(first: $first, after: $after) {\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        kind\n        text\n        resource {\n          id\n          iri\n        }\n      }\n    }\n  }\n}");
export const Search = document<SearchQuery, SearchQueryVariables>("query Search($text: String!, $first: Int, $after: String) {\n  thread {\n    id\n    search(text: $text, first: $first, after: $after) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        __typename\n        id\n        iri\n        ... on Resource {\n          identifier\n          title\n        }\n      }\n    }\n  }\n}");
export const Requirements = document<RequirementsQuery, RequirementsQueryVariables>("query Requirements($filter: RequirementFilter, $first: Int, $after: String, $at: String, $asKnownAt: String) {\n  thread(at: $at, asKnownAt: $asKnownAt) {\n    id\n    requirements(\n      filter: $filter\n      orderBy: [{identifier: ASC}]\n      first: $first\n      after: $after\n    ) {\n      totalCount\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n      nodes {\n        id\n        iri\n        identifier\n        title\n        status\n        constraints {\n          id\n          statistic\n          comparator\n          limit\n          upperLimit\n          unit {\n            symbol\n          }\n        }\n      }\n    }\n  }\n}");
export const Commit = document<CommitMutation, CommitMutationVariables>("mutation Commit($input: CommitInput!) {\n  commit(input: $input) {\n    commit {\n      id\n    }\n    changed\n    resources {\n      id\n      iri\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nfragment Refusal on UserError {\n  __typename\n  code\n  message\n  ... on ConflictError {\n    head\n    conflicts {\n      totalCount\n      nodes {\n        kind\n        resource\n        property\n        ours {\n          values\n        }\n        theirs {\n          values\n        }\n      }\n    }\n  }\n  ... on ViolationError {\n    violations {\n      totalCount\n      nodes {\n        resource\n        path\n        message\n        rule\n      }\n    }\n  }\n  ... on InboundLinkError {\n    links {\n      from\n      property\n    }\n  }\n}");
export const DecideFinding = document<DecideFindingMutation, DecideFindingMutationVariables>("mutation DecideFinding($input: DecideFindingInput!) {\n  decideFinding(input: $input) {\n    commit {\n      id\n    }\n    finding {\n      id\n      state\n    }\n    changeRequest {\n      id\n      identifier\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nfragment Refusal on UserError {\n  __typename\n  code\n  message\n  ... on ConflictError {\n    head\n    conflicts {\n      totalCount\n      nodes {\n        kind\n        resource\n        property\n        ours {\n          values\n        }\n        theirs {\n          values\n        }\n      }\n    }\n  }\n  ... on ViolationError {\n    violations {\n      totalCount\n      nodes {\n        resource\n        path\n        message\n        rule\n      }\n    }\n  }\n  ... on InboundLinkError {\n    links {\n      from\n      property\n    }\n  }\n}");
export const RecordEvidence = document<RecordEvidenceMutation, RecordEvidenceMutationVariables>("mutation RecordEvidence($input: RecordEvidenceInput!) {\n  recordEvidence(input: $input) {\n    commit {\n      id\n    }\n    evidence {\n      id\n      verdict\n      observed\n    }\n    filings {\n      outcome\n      finding {\n        id\n      }\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nfragment Refusal on UserError {\n  __typename\n  code\n  message\n  ... on ConflictError {\n    head\n    conflicts {\n      totalCount\n      nodes {\n        kind\n        resource\n        property\n        ours {\n          values\n        }\n        theirs {\n          values\n        }\n      }\n    }\n  }\n  ... on ViolationError {\n    violations {\n      totalCount\n      nodes {\n        resource\n        path\n        message\n        rule\n      }\n    }\n  }\n  ... on InboundLinkError {\n    links {\n      from\n      property\n    }\n  }\n}");
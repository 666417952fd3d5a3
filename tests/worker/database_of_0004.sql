-- A database of version 0004 as its program left it: a search, a grid, and an experiment whose
-- second setting was preempted; the content of the checkpoint is cut off.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'normalised-softmax');
INSERT INTO "studies" VALUES(2,'grid');
INSERT INTO "studies" VALUES(3,'exp');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MAXIMIZE',1,0);
INSERT INTO "study_directions" VALUES(2,'MAXIMIZE',2,0);
INSERT INTO "study_directions" VALUES(3,'MAXIMIZE',3,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_system_attributes" VALUES(1,1,'study:metric_names','["accuracy"]');
INSERT INTO "study_system_attributes" VALUES(2,2,'study:metric_names','["accuracy"]');
INSERT INTO "study_system_attributes" VALUES(3,3,'study:metric_names','["accuracy"]');
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_user_attributes" VALUES(1,1,'workers so far','1');
INSERT INTO "study_user_attributes" VALUES(2,2,'workers so far','1');
INSERT INTO "study_user_attributes" VALUES(3,3,'workers so far','1');
CREATE TABLE sweeper_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT sweeper_alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "sweeper_alembic_version" VALUES('0004');
CREATE TABLE sweeper_checkpointed (
	label TEXT NOT NULL, 
	checkpoint_id BIGINT NOT NULL, 
	CONSTRAINT pk_sweeper_checkpointed PRIMARY KEY (label), 
	CONSTRAINT fk_sweeper_checkpointed_checkpoint_id FOREIGN KEY(checkpoint_id) REFERENCES sweeper_checkpoints (id)
);
INSERT INTO "sweeper_checkpointed" VALUES('3/1',2043179811986713497);
CREATE TABLE sweeper_checkpoints (
	id BIGINT NOT NULL, 
	epochs INTEGER NOT NULL, 
	content BLOB, 
	file TEXT, 
	saved DATETIME NOT NULL, 
	CONSTRAINT pk_sweeper_checkpoints PRIMARY KEY (id), 
	CONSTRAINT ck_sweeper_checkpoints_one_place CHECK ((content IS NULL) <> (file IS NULL))
);
INSERT INTO "sweeper_checkpoints" VALUES(2043179811986713497,1,X'504B03040000080800000000000000000000000000000000000010001200617263686976652F646174612E706B6C46420E005A5A5A5A5A5A5A5A5A5A5A5A5A5A',NULL,'2026-11-29 23:28:41.992701');
CREATE TABLE sweeper_choices (
	objective TEXT NOT NULL, 
	content TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	CONSTRAINT pk_sweeper_choices PRIMARY KEY (objective)
);
CREATE TABLE sweeper_class_measures (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	split TEXT NOT NULL, 
	class_index INTEGER NOT NULL, 
	recall DOUBLE, 
	spread DOUBLE, plain_spread DOUBLE, 
	CONSTRAINT pk_sweeper_class_measures PRIMARY KEY (trial_id, seed, split, class_index), 
	CONSTRAINT fk_sweeper_class_measures_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
INSERT INTO "sweeper_class_measures" VALUES(1,0,'validation',0,0.5,1.02587819099426269531e-01,5.65094836056232452392e-02);
INSERT INTO "sweeper_class_measures" VALUES(1,0,'validation',1,1.0,1.18115637451410293579e-02,1.84503234922885894775e-02);
INSERT INTO "sweeper_class_measures" VALUES(2,0,'validation',0,0.5,3.19594800472259521484e-01,5.89969754219055175781e-02);
INSERT INTO "sweeper_class_measures" VALUES(2,0,'validation',1,1.0,8.5912093520164489746e-02,2.59879343211650848388e-02);
INSERT INTO "sweeper_class_measures" VALUES(3,0,'validation',0,0.5,3.45230996608734130859e-01,0.0572245717048645);
INSERT INTO "sweeper_class_measures" VALUES(3,0,'validation',1,1.0,9.49502065777778625488e-02,2.79173683375120162963e-02);
INSERT INTO "sweeper_class_measures" VALUES(4,0,'validation',0,0.5,1.02512367069721221923e-01,5.70938438177108764648e-02);
INSERT INTO "sweeper_class_measures" VALUES(4,0,'validation',1,1.0,1.20315877720713615417e-02,1.84000879526138305664e-02);
INSERT INTO "sweeper_class_measures" VALUES(5,0,'validation',0,0.0,6.5062910318374633789e-02,2.36990116536617279052e-02);
INSERT INTO "sweeper_class_measures" VALUES(5,0,'validation',1,1.0,4.36666682362556457519e-02,4.16305288672447204589e-02);
INSERT INTO "sweeper_class_measures" VALUES(6,0,'test',0,0.0,0.00846603699028492,5.62929175794124603271e-02);
INSERT INTO "sweeper_class_measures" VALUES(6,0,'test',1,1.0,5.85173182189464569091e-02,2.15230304747819900512e-02);
CREATE TABLE sweeper_confirmations (
	study_id INTEGER NOT NULL, 
	winner INTEGER NOT NULL, 
	seeds INTEGER NOT NULL, 
	finished DATETIME NOT NULL, 
	CONSTRAINT pk_sweeper_confirmations PRIMARY KEY (study_id), 
	CONSTRAINT fk_sweeper_confirmations_study_id FOREIGN KEY(study_id) REFERENCES sweeper_studies (id), 
	CONSTRAINT fk_sweeper_confirmations_winner FOREIGN KEY(winner) REFERENCES sweeper_trials (id)
);
CREATE TABLE sweeper_confirmed (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	measure TEXT NOT NULL, 
	split TEXT NOT NULL, 
	value DOUBLE, 
	CONSTRAINT pk_sweeper_confirmed PRIMARY KEY (trial_id, seed, measure, split), 
	CONSTRAINT fk_sweeper_confirmed_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
CREATE TABLE sweeper_confusions (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	split TEXT NOT NULL, 
	counts JSON NOT NULL, 
	CONSTRAINT pk_sweeper_confusions PRIMARY KEY (trial_id, seed, split), 
	CONSTRAINT fk_sweeper_confusions_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
INSERT INTO "sweeper_confusions" VALUES(1,0,'validation','[[0, 0, 1], [0, 1, 1], [1, 1, 2]]');
INSERT INTO "sweeper_confusions" VALUES(2,0,'validation','[[0, 0, 1], [0, 1, 1], [1, 1, 2]]');
INSERT INTO "sweeper_confusions" VALUES(3,0,'validation','[[0, 0, 1], [0, 1, 1], [1, 1, 2]]');
INSERT INTO "sweeper_confusions" VALUES(4,0,'validation','[[0, 0, 1], [0, 1, 1], [1, 1, 2]]');
INSERT INTO "sweeper_confusions" VALUES(5,0,'validation','[[0, 1, 2], [1, 1, 2]]');
INSERT INTO "sweeper_confusions" VALUES(6,0,'test','[[0, 1, 2], [1, 1, 2]]');
CREATE TABLE sweeper_curves (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss DOUBLE, 
	accuracy DOUBLE, 
	CONSTRAINT pk_sweeper_curves PRIMARY KEY (trial_id, seed, epoch), 
	CONSTRAINT fk_sweeper_curves_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
INSERT INTO "sweeper_curves" VALUES(1,0,1,3.19628028869628906245e+01,0.75);
INSERT INTO "sweeper_curves" VALUES(2,0,1,7.78670847415924072265e-01,0.75);
INSERT INTO "sweeper_curves" VALUES(3,0,1,0.777403712272644,0.75);
INSERT INTO "sweeper_curves" VALUES(4,0,1,7.99070072174072265625e+00,0.75);
INSERT INTO "sweeper_curves" VALUES(5,0,1,3.12880563735961914062e+00,0.5);
INSERT INTO "sweeper_curves" VALUES(6,0,1,0.704413890838623,0.5);
INSERT INTO "sweeper_curves" VALUES(6,0,2,6.67582750320434570312e-01,0.75);
CREATE TABLE sweeper_datasets (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	source TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	samples INTEGER NOT NULL, 
	num_classes INTEGER NOT NULL, 
	input_shape JSON NOT NULL, 
	class_names JSON NOT NULL, 
	CONSTRAINT pk_sweeper_datasets PRIMARY KEY (id), 
	CONSTRAINT uq_sweeper_datasets_fingerprint UNIQUE (fingerprint)
);
INSERT INTO "sweeper_datasets" VALUES(1,'digits[classes=0-1, per_class=8]','digits','b54b9dc83ee07000dfc712342dbcac2cb05c7c9552ee1d98341404352266210c',16,2,'[1, 8, 8]','["0", "1"]');
CREATE TABLE sweeper_growth (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	epoch INTEGER NOT NULL, 
	class_index INTEGER NOT NULL, 
	value DOUBLE, 
	CONSTRAINT pk_sweeper_growth PRIMARY KEY (trial_id, seed, epoch, class_index), 
	CONSTRAINT fk_sweeper_growth_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
INSERT INTO "sweeper_growth" VALUES(2,0,1,0,6.55364394187927246093e-01);
INSERT INTO "sweeper_growth" VALUES(2,0,1,1,-1.19800615310668945312e+00);
INSERT INTO "sweeper_growth" VALUES(3,0,1,0,6.55364394187927246093e-01);
INSERT INTO "sweeper_growth" VALUES(3,0,1,1,-1.19800615310668945312e+00);
CREATE TABLE sweeper_leases (
	id BIGINT NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER, 
	control TEXT, 
	worker TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	epochs INTEGER NOT NULL, device TEXT DEFAULT 'cpu' NOT NULL, start INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_sweeper_leases PRIMARY KEY (id), 
	CONSTRAINT fk_sweeper_leases_study_id FOREIGN KEY(study_id) REFERENCES sweeper_studies (id), 
	CONSTRAINT uq_sweeper_leases_study_id_control UNIQUE (study_id, control), 
	CONSTRAINT uq_sweeper_leases_study_id_number UNIQUE (study_id, number)
);
CREATE TABLE sweeper_meta_features (
	dataset_id INTEGER NOT NULL, 
	split_fingerprint TEXT NOT NULL, 
	name TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	CONSTRAINT pk_sweeper_meta_features PRIMARY KEY (dataset_id, split_fingerprint, name), 
	CONSTRAINT fk_sweeper_meta_features_dataset_id FOREIGN KEY(dataset_id) REFERENCES sweeper_datasets (id)
);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_images',2.07944154167983574765e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_classes',6.93147180559945286226e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_per_class_mean',1.38629436111989057245e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_per_class_min',1.38629436111989057245e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','class_entropy',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','class_imbalance',0.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_side',2.07944154167983574765e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_channels',0.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','is_embedding',0.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','angle_smallest',3.10735479088347155141e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','angle_low',3.10735479088347155141e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','angle_mean',3.10735479088347155141e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','angle_spread',9.62225442381256179658e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_angle_ratio',1.16515238358965267373e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_fisher_ratio',7.79571723987933506982e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','h_score',9.85204967354944116664e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','accuracy_1nn',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','skill_1nn',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','accuracy_5nn',0.875);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','skill_5nn',0.75);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','overlap',-5.01200878853079068164e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_intrinsic_dimension',1.54226136470055297245e+00);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','accuracy_nearest_mean',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','skill_nearest_mean',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','accuracy_lda',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','skill_lda',1.0);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_scale_adacos',6.93147180559945286226e-01);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_scale_cosface_900',0.0940478276166991);
INSERT INTO "sweeper_meta_features" VALUES(1,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','log_scale_cosface_999',1.23935270560818566742e+00);
CREATE TABLE sweeper_repositories (
	digest TEXT NOT NULL, 
	name TEXT NOT NULL, 
	content BLOB NOT NULL, 
	imported DATETIME NOT NULL, 
	CONSTRAINT pk_sweeper_repositories PRIMARY KEY (digest)
);
CREATE TABLE sweeper_results (
	trial_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	measure TEXT NOT NULL, 
	split TEXT NOT NULL, 
	value DOUBLE, 
	CONSTRAINT pk_sweeper_results PRIMARY KEY (trial_id, seed, measure, split), 
	CONSTRAINT fk_sweeper_results_trial_id FOREIGN KEY(trial_id) REFERENCES sweeper_trials (id)
);
INSERT INTO "sweeper_results" VALUES(1,0,'accuracy','validation',0.75);
INSERT INTO "sweeper_results" VALUES(1,0,'calibration error','validation',3.16056013107299804687e-01);
INSERT INTO "sweeper_results" VALUES(1,0,'confidence','validation',9.33897554874420166015e-01);
INSERT INTO "sweeper_results" VALUES(1,0,'inter-class distance','validation',3.92646640539169311523e-02);
INSERT INTO "sweeper_results" VALUES(1,0,'smallest inter-class distance','validation',3.92646640539169311523e-02);
INSERT INTO "sweeper_results" VALUES(1,0,'inter-class angle','validation',1.1594737321138381958e-01);
INSERT INTO "sweeper_results" VALUES(1,0,'smallest inter-class angle','validation',1.1594737321138381958e-01);
INSERT INTO "sweeper_results" VALUES(2,0,'accuracy','validation',0.75);
INSERT INTO "sweeper_results" VALUES(2,0,'calibration error','validation',0.0893557071685791);
INSERT INTO "sweeper_results" VALUES(2,0,'confidence','validation',6.78512930870056152343e-01);
INSERT INTO "sweeper_results" VALUES(2,0,'inter-class distance','validation',1.46207198500633239746e-01);
INSERT INTO "sweeper_results" VALUES(2,0,'smallest inter-class distance','validation',1.46207198500633239746e-01);
INSERT INTO "sweeper_results" VALUES(2,0,'inter-class angle','validation',6.13643527030944824218e-01);
INSERT INTO "sweeper_results" VALUES(2,0,'smallest inter-class angle','validation',6.13643527030944824218e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'accuracy','validation',0.75);
INSERT INTO "sweeper_results" VALUES(3,0,'calibration error','validation',1.27188712358474731445e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'confidence','validation',6.35952711105346679687e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'inter-class distance','validation',1.51131972670555114746e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'smallest inter-class distance','validation',1.51131972670555114746e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'inter-class angle','validation',6.9237428903579711914e-01);
INSERT INTO "sweeper_results" VALUES(3,0,'smallest inter-class angle','validation',6.9237428903579711914e-01);
INSERT INTO "sweeper_results" VALUES(4,0,'accuracy','validation',0.75);
INSERT INTO "sweeper_results" VALUES(4,0,'calibration error','validation',3.55292171239852905273e-01);
INSERT INTO "sweeper_results" VALUES(4,0,'confidence','validation',8.494853973388671875e-01);
INSERT INTO "sweeper_results" VALUES(4,0,'inter-class distance','validation',4.03289608657360076904e-02);
INSERT INTO "sweeper_results" VALUES(4,0,'smallest inter-class distance','validation',4.03289608657360076904e-02);
INSERT INTO "sweeper_results" VALUES(4,0,'inter-class angle','validation',1.1904220283031463623e-01);
INSERT INTO "sweeper_results" VALUES(4,0,'smallest inter-class angle','validation',1.1904220283031463623e-01);
INSERT INTO "sweeper_results" VALUES(5,0,'accuracy','validation',0.5);
INSERT INTO "sweeper_results" VALUES(5,0,'calibration error','validation',4.9999961256980895996e-01);
INSERT INTO "sweeper_results" VALUES(5,0,'confidence','validation',9.99999642372131347656e-01);
INSERT INTO "sweeper_results" VALUES(5,0,'inter-class distance','validation',3.27835194766521453857e-02);
INSERT INTO "sweeper_results" VALUES(5,0,'smallest inter-class distance','validation',3.27835194766521453857e-02);
INSERT INTO "sweeper_results" VALUES(5,0,'inter-class angle','validation',7.40085393190383911132e-02);
INSERT INTO "sweeper_results" VALUES(5,0,'smallest inter-class angle','validation',7.40085393190383911132e-02);
INSERT INTO "sweeper_results" VALUES(6,0,'accuracy','test',0.5);
INSERT INTO "sweeper_results" VALUES(6,0,'calibration error','test',4.78002220392227172851e-01);
INSERT INTO "sweeper_results" VALUES(6,0,'confidence','test',5.38209199905395507812e-01);
INSERT INTO "sweeper_results" VALUES(6,0,'inter-class distance','test',2.42221906781196594238e-01);
INSERT INTO "sweeper_results" VALUES(6,0,'smallest inter-class distance','test',2.42221906781196594238e-01);
INSERT INTO "sweeper_results" VALUES(6,0,'inter-class angle','test',2.62189239263534545898e-01);
INSERT INTO "sweeper_results" VALUES(6,0,'smallest inter-class angle','test',2.62189239263534545898e-01);
CREATE TABLE sweeper_studies (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	optuna_study_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	task_id INTEGER NOT NULL, 
	spec TEXT NOT NULL, 
	n_trials INTEGER NOT NULL, 
	code_version TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_sweeper_studies PRIMARY KEY (id), 
	CONSTRAINT fk_sweeper_studies_task_id FOREIGN KEY(task_id) REFERENCES sweeper_tasks (id), 
	CONSTRAINT uq_sweeper_studies_name UNIQUE (name)
);
INSERT INTO "sweeper_studies" VALUES(1,'normalised-softmax',1,'search',1,'{"augmentation":{"crop":0,"horizontal_flip":false,"rotation":0.0,"vertical_flip":false},"batch_size":128,"beside":["sigma2r","soft-nearest-neighbour"],"controls":["normalised-softmax"],"dataset":"digits[classes=0-1, per_class=8]","decay":"step","embedding":2,"epochs":1,"fixed":{"soft-nearest-neighbour.lambda":0.1},"kind":"search","loss":"normalised-softmax","n_trials":2,"name":"normalised-softmax","net":"compact","objectives":["accuracy"],"precision":"float32","pruner":"none","rungs":[],"sampler":"tpe","seed":0,"seeds":1,"settings":[],"space":{"scale":{"high":64.0,"log":true,"low":2.0},"sigma2r.n_neighbours":{"choices":[3.0,5.0,7.0]},"soft-nearest-neighbour.temperature":{"high":2.0,"log":false,"low":0.5},"subcentres":{"high":3.0,"log":false,"low":1.0}}}',2,'0.1.0','2026-11-29 23:28:36.247667');
INSERT INTO "sweeper_studies" VALUES(2,'grid',2,'search',1,'{"augmentation":{"crop":0,"horizontal_flip":false,"rotation":0.0,"vertical_flip":false},"batch_size":128,"beside":[],"controls":[],"dataset":"digits[classes=0-1, per_class=8]","decay":"step","embedding":2,"epochs":1,"fixed":{},"kind":"search","loss":"normalised-softmax","n_trials":2,"name":"grid","net":"compact","objectives":["accuracy"],"precision":"float32","pruner":"none","rungs":[],"sampler":"grid","seed":0,"seeds":1,"settings":[],"space":{"scale":{"choices":[8.0,16.0]},"subcentres":{"choices":[1.0,2.0]}}}',2,'0.1.0','2026-11-29 23:28:41.235909');
INSERT INTO "sweeper_studies" VALUES(3,'exp',3,'experiment',2,'{"augmentation":{"crop":0,"horizontal_flip":false,"rotation":0.0,"vertical_flip":false},"batch_size":128,"beside":[],"controls":[],"dataset":"digits[classes=0-1, per_class=8]","decay":"step","embedding":2,"epochs":2,"fixed":{},"kind":"experiment","loss":"combined","n_trials":3,"name":"exp","net":"compact","objectives":["accuracy"],"precision":"float32","pruner":"none","rungs":[],"sampler":"settings","seed":0,"seeds":1,"settings":[{"beside":["soft-nearest-neighbour"],"loss":["softmax","normalised-softmax"]},{"beside":["sigma2r"],"loss":["normalised-softmax"],"sigma2r.n_neighbours":[3.0],"subcentres":[2.0]}],"space":{}}',3,'0.1.0','2026-11-29 23:28:41.605429');
CREATE TABLE "sweeper_tasks" (
	id INTEGER NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	net TEXT NOT NULL, 
	embedding INTEGER NOT NULL, 
	epochs INTEGER NOT NULL, 
	batch_size INTEGER NOT NULL, 
	hold_out DOUBLE NOT NULL, 
	split_seed BIGINT NOT NULL, 
	split_fingerprint TEXT NOT NULL, 
	protocol TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_sweeper_tasks PRIMARY KEY (id), 
	CONSTRAINT fk_sweeper_tasks_dataset_id FOREIGN KEY(dataset_id) REFERENCES sweeper_datasets (id), 
	CONSTRAINT uq_sweeper_tasks UNIQUE (dataset_id, net, embedding, epochs, batch_size, hold_out, split_seed, split_fingerprint, protocol)
);
INSERT INTO "sweeper_tasks" VALUES(1,1,'compact',2,1,128,0.0,0,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','{}');
INSERT INTO "sweeper_tasks" VALUES(2,1,'compact',2,2,128,0.0,0,'f19e99cfd0db0758620cd738a0b46d93239a8bf5e15e3f6e537d2f073c8dc1f0','{}');
CREATE TABLE sweeper_trials (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER, 
	control TEXT, 
	state TEXT NOT NULL, 
	cause TEXT, 
	loss TEXT NOT NULL, 
	m1 DOUBLE NOT NULL, 
	m2 DOUBLE NOT NULL, 
	m3 DOUBLE NOT NULL, 
	scale DOUBLE NOT NULL, 
	lr DOUBLE NOT NULL, 
	weight_decay DOUBLE NOT NULL, 
	epochs INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, 
	device TEXT NOT NULL, 
	finished DATETIME NOT NULL, more TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_sweeper_trials PRIMARY KEY (id), 
	CONSTRAINT ck_sweeper_trials_ck_sweeper_trials_number_or_control CHECK ((number IS NULL) <> (control IS NULL)), 
	CONSTRAINT fk_sweeper_trials_study_id FOREIGN KEY(study_id) REFERENCES sweeper_studies (id), 
	CONSTRAINT uq_sweeper_trials_study_id_control UNIQUE (study_id, control), 
	CONSTRAINT uq_sweeper_trials_study_id_number UNIQUE (study_id, number)
);
INSERT INTO "sweeper_trials" VALUES(1,1,NULL,'normalised-softmax','complete',NULL,'normalised-softmax',1.0,0.0,0.0,64.0,0.001,0.0,1,4.21666106399970885831e+00,'cpu','2026-11-29 23:28:40.832694','{}');
INSERT INTO "sweeper_trials" VALUES(2,1,0,NULL,'complete',NULL,'normalised-softmax',1.0,0.0,0.0,1.33991308787981164838e+01,0.001,0.0,1,6.4568217999749322189e-02,'cpu','2026-11-29 23:28:40.979104','{"subcentres": 3.0, "sigma2r.lambda": 0.01, "sigma2r.n_neighbours": 3.0, "sigma2r.z": 40.0, "soft-nearest-neighbour.lambda": 0.1, "soft-nearest-neighbour.temperature": 1.4688411695999841}');
INSERT INTO "sweeper_trials" VALUES(3,1,1,NULL,'complete',NULL,'normalised-softmax',1.0,0.0,0.0,9.11306309612506,0.001,0.0,1,4.37319789998582564294e-02,'cpu','2026-11-29 23:28:41.077934','{"subcentres": 3.0, "sigma2r.lambda": 0.01, "sigma2r.n_neighbours": 3.0, "sigma2r.z": 40.0, "soft-nearest-neighbour.lambda": 0.1, "soft-nearest-neighbour.temperature": 1.2933423796293568}');
INSERT INTO "sweeper_trials" VALUES(4,2,0,NULL,'complete',NULL,'normalised-softmax',1.0,0.0,0.0,16.0,0.001,0.0,1,3.74097610001626890152e-02,'cpu','2026-11-29 23:28:41.371848','{}');
INSERT INTO "sweeper_trials" VALUES(5,2,1,NULL,'complete',NULL,'normalised-softmax',1.0,0.0,0.0,16.0,0.001,0.0,1,3.87588660000801610294e-02,'cpu','2026-11-29 23:28:41.456681','{"subcentres": 2.0}');
INSERT INTO "sweeper_trials" VALUES(6,3,0,NULL,'complete',NULL,'softmax',1.0,0.0,0.0,64.0,0.001,0.0,2,7.2208653999950911384e-02,'cpu','2026-11-29 23:28:41.870540','{"soft-nearest-neighbour.lambda": 0.01, "soft-nearest-neighbour.temperature": 1.0}');
INSERT INTO "sweeper_trials" VALUES(7,3,1,NULL,'failed','pre-empted','normalised-softmax',1.0,0.0,0.0,64.0,0.001,0.0,0,0.0,'cpu','2026-11-29 23:28:42.071268','{"soft-nearest-neighbour.lambda": 0.01, "soft-nearest-neighbour.temperature": 1.0}');
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'scale',1.33991308787981164838e+01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 2.0, "high": 64.0, "log": true}}');
INSERT INTO "trial_params" VALUES(2,1,'subcentres',3.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(3,1,'sigma2r.n_neighbours',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3.0, 5.0, 7.0]}}');
INSERT INTO "trial_params" VALUES(4,1,'soft-nearest-neighbour.temperature',1.46884116959998411999e+00,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.5, "high": 2.0, "log": false}}');
INSERT INTO "trial_params" VALUES(5,2,'scale',9.11306309612506,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 2.0, "high": 64.0, "log": true}}');
INSERT INTO "trial_params" VALUES(6,2,'subcentres',3.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 3}}');
INSERT INTO "trial_params" VALUES(7,2,'sigma2r.n_neighbours',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3.0, 5.0, 7.0]}}');
INSERT INTO "trial_params" VALUES(8,2,'soft-nearest-neighbour.temperature',1.29334237962935683086e+00,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.5, "high": 2.0, "log": false}}');
INSERT INTO "trial_params" VALUES(9,3,'scale',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8.0, 16.0]}}');
INSERT INTO "trial_params" VALUES(10,3,'subcentres',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [1.0, 2.0]}}');
INSERT INTO "trial_params" VALUES(11,4,'scale',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8.0, 16.0]}}');
INSERT INTO "trial_params" VALUES(12,4,'subcentres',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [1.0, 2.0]}}');
INSERT INTO "trial_params" VALUES(13,5,'loss',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["softmax", "normalised-softmax"]}}');
INSERT INTO "trial_params" VALUES(14,5,'beside',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["soft-nearest-neighbour", "sigma2r"]}}');
INSERT INTO "trial_params" VALUES(15,5,'soft-nearest-neighbour.lambda',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.01, "log": false}}');
INSERT INTO "trial_params" VALUES(16,5,'soft-nearest-neighbour.temperature',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(17,5,'lr',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.001, "log": false}}');
INSERT INTO "trial_params" VALUES(18,5,'weight_decay',0.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.0, "log": false}}');
INSERT INTO "trial_params" VALUES(19,6,'scale',64.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 64.0, "high": 64.0, "log": false}}');
INSERT INTO "trial_params" VALUES(20,6,'loss',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["softmax", "normalised-softmax"]}}');
INSERT INTO "trial_params" VALUES(21,6,'beside',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["soft-nearest-neighbour", "sigma2r"]}}');
INSERT INTO "trial_params" VALUES(22,6,'soft-nearest-neighbour.lambda',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.01, "log": false}}');
INSERT INTO "trial_params" VALUES(23,6,'soft-nearest-neighbour.temperature',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(24,6,'lr',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.001, "log": false}}');
INSERT INTO "trial_params" VALUES(25,6,'weight_decay',0.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.0, "log": false}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_system_attributes" VALUES(1,3,'search_space','{"scale": [8.0, 16.0], "subcentres": [1.0, 2.0]}');
INSERT INTO "trial_system_attributes" VALUES(2,3,'grid_id','0');
INSERT INTO "trial_system_attributes" VALUES(3,4,'search_space','{"scale": [8.0, 16.0], "subcentres": [1.0, 2.0]}');
INSERT INTO "trial_system_attributes" VALUES(4,4,'grid_id','1');
INSERT INTO "trial_system_attributes" VALUES(5,5,'fixed_params','{"loss": "softmax", "beside": "soft-nearest-neighbour", "soft-nearest-neighbour.lambda": 0.01, "soft-nearest-neighbour.temperature": 1.0, "lr": 0.001, "weight_decay": 0.0}');
INSERT INTO "trial_system_attributes" VALUES(6,6,'fixed_params','{"loss": "normalised-softmax", "beside": "soft-nearest-neighbour", "scale": 64.0, "soft-nearest-neighbour.lambda": 0.01, "soft-nearest-neighbour.temperature": 1.0, "lr": 0.001, "weight_decay": 0.0}');
INSERT INTO "trial_system_attributes" VALUES(7,7,'fixed_params','{"loss": "normalised-softmax", "beside": "sigma2r", "scale": 64.0, "subcentres": 2.0, "sigma2r.lambda": 0.01, "sigma2r.n_neighbours": 3.0, "sigma2r.z": 40.0, "lr": 0.001, "weight_decay": 0.0}');
INSERT INTO "trial_system_attributes" VALUES(8,8,'fixed_params','{"loss": "normalised-softmax", "beside": "soft-nearest-neighbour", "scale": 64.0, "soft-nearest-neighbour.lambda": 0.01, "soft-nearest-neighbour.temperature": 1.0, "lr": 0.001, "weight_decay": 0.0}');
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'setting','"normalised-softmax (scale 13.4, subcentres 3) + sigma2r (lambda 0.01, n_neighbours 3, z 40) + soft-nearest-neighbour (lambda 0.1, temperature 1.47)"');
INSERT INTO "trial_user_attributes" VALUES(2,1,'accuracy of each seed','[0.75]');
INSERT INTO "trial_user_attributes" VALUES(3,2,'setting','"normalised-softmax (scale 9.11, subcentres 3) + sigma2r (lambda 0.01, n_neighbours 3, z 40) + soft-nearest-neighbour (lambda 0.1, temperature 1.29)"');
INSERT INTO "trial_user_attributes" VALUES(4,2,'accuracy of each seed','[0.75]');
INSERT INTO "trial_user_attributes" VALUES(5,3,'setting','"normalised-softmax (scale 16)"');
INSERT INTO "trial_user_attributes" VALUES(6,3,'accuracy of each seed','[0.75]');
INSERT INTO "trial_user_attributes" VALUES(7,4,'setting','"normalised-softmax (scale 16, subcentres 2)"');
INSERT INTO "trial_user_attributes" VALUES(8,4,'accuracy of each seed','[0.5]');
INSERT INTO "trial_user_attributes" VALUES(9,5,'setting number','0');
INSERT INTO "trial_user_attributes" VALUES(10,6,'setting number','1');
INSERT INTO "trial_user_attributes" VALUES(11,7,'setting number','2');
INSERT INTO "trial_user_attributes" VALUES(12,5,'setting','"softmax + soft-nearest-neighbour (lambda 0.01, temperature 1)"');
INSERT INTO "trial_user_attributes" VALUES(13,5,'accuracy of each seed','[0.5]');
INSERT INTO "trial_user_attributes" VALUES(14,8,'retry_of','1');
INSERT INTO "trial_user_attributes" VALUES(15,8,'first of its repetitions','1');
INSERT INTO "trial_user_attributes" VALUES(16,8,'harmed before','0');
INSERT INTO "trial_user_attributes" VALUES(17,8,'setting number','1');
INSERT INTO "trial_user_attributes" VALUES(18,6,'setting','"normalised-softmax (scale 64) + soft-nearest-neighbour (lambda 0.01, temperature 1)"');
INSERT INTO "trial_user_attributes" VALUES(19,6,'cause','"pre-empted"');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,0.75,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,0.75,'FINITE');
INSERT INTO "trial_values" VALUES(3,3,0,0.75,'FINITE');
INSERT INTO "trial_values" VALUES(4,4,0,0.5,'FINITE');
INSERT INTO "trial_values" VALUES(5,5,0,0.5,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-29 23:28:40.862898','2026-11-29 23:28:40.991892');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-29 23:28:41.023820','2026-11-29 23:28:41.084562');
INSERT INTO "trials" VALUES(3,0,2,'COMPLETE','2026-11-29 23:28:41.303250','2026-11-29 23:28:41.383066');
INSERT INTO "trials" VALUES(4,1,2,'COMPLETE','2026-11-29 23:28:41.407146','2026-11-29 23:28:41.459356');
INSERT INTO "trials" VALUES(5,0,3,'COMPLETE','2026-11-29 23:28:41.743082','2026-11-29 23:28:41.874053');
INSERT INTO "trials" VALUES(6,1,3,'FAIL','2026-11-29 23:28:41.902546','2026-11-29 23:28:42.084549');
INSERT INTO "trials" VALUES(7,2,3,'WAITING',NULL,NULL);
INSERT INTO "trials" VALUES(8,3,3,'WAITING',NULL,NULL);
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE INDEX ix_sweeper_leases_worker ON sweeper_leases (worker);
CREATE INDEX ix_sweeper_checkpointed_checkpoint_id ON sweeper_checkpointed (checkpoint_id);
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;

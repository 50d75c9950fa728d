// What people type who know other programs (stylegan3, lightweight-gan, collections of PyTorch
// GANs, Keras, Ultralytics), and what does it here.
#pragma once

#include <string>
#include <string_view>

namespace wgan {

// verbs: as typed behind wgan, separated by '|'; "" stands for words in the place of a verb.
// names: without dashes and underscores, in small letters, separated by spaces; never those of
// flags that these verbs have.
// here: a hint; VERB in it stands for the verb in hand.
struct Foreign {
  std::string_view verbs;
  std::string_view names;
  const char* here;
};

inline constexpr Foreign kForeign[] = {
    // Verbs.
    {"", "generate gen genimages predict infer inference draw synthesize sampling",
     "type wgan sample RUN"},
    {"", "fit run start learn training", "type wgan train FOLDER"},
    {"", "resume continue restart", "type wgan train --resume RUN"},
    {"", "finetune transfer", "type wgan train --from RUN"},
    {"", "eval test score fid metrics calcmetrics validate val", "type wgan evaluate RUN"},
    {"", "plot graph curves tensorboard logs history",
     "pictures of a run are in RUN/samples, its numbers in RUN/metrics.jsonl; wgan lab draws the "
     "figures of experiments"},
    {"", "list ls runs status", "runs are the folders in runs/; the newest is called latest"},
    {"", "summary info model show", "type wgan describe RUN"},
    {"", "init setup check env", "type wgan doctor"},
    {"", "genvideo video gif walk morph lerp", "type wgan interpolate RUN"},
    {"", "dataset datasettool prepare preprocess convert", "type wgan data prepare FOLDER NEW"},
    {"", "inspect stats", "type wgan data inspect FOLDER"},
    {"data", "convert dataset resize make create", "type wgan data prepare FOLDER NEW"},
    {"data", "list stats show view check info", "type wgan data inspect FOLDER"},
    {"", "compare tune sweep",
     "wgan compare-recipes FILE ranks recipes; wgan evaluate RUN --compare OTHER ranks runs"},

    // What to work on.
    {"train|features train|data inspect|data prepare",
     "data dataset datapath datadir dataroot source input traindir folder",
     "the data is an argument without a flag: wgan VERB FOLDER"},
    {"sample|interpolate|evaluate|describe",
     "network model modelpath checkpoint ckpt weights loadfrom pkl run name",
     "the run is an argument without a flag: wgan VERB RUN"},
    {"data prepare", "dest destination out outdir output",
     "the new folder is the second argument: wgan data prepare FOLDER NEW"},
    {"evaluate", "real reference realdata dataset datapath", "type --data FOLDER"},

    // Where things go.
    {"train", "outdir outputdir output resultsdir modelsdir savedir checkpointsdir logdir outf",
     "runs are made in the folder that --out names"},
    {"train", "project", "runs are made in the folder that --out names; --name names the run"},
    {"train", "desc experiment expname experimentname runname tag", "type --name TEXT"},
    {"sample", "outdir outputdir output resultsdir savedir dest",
     "type --out FILE.png; for one PNG a seed: --separate --out FOLDER"},
    {"interpolate", "outdir outputdir output resultsdir savedir dest",
     "type --out NAME, which makes NAME.png and the animation"},
    {"train", "wandb logger tensorboard", "every tick is a line of RUN/metrics.jsonl"},

    // Machines.
    {"train|sample|interpolate|evaluate", "gpus gpu gpuids ngpu ngpus cuda multigpus accelerator",
     "type --device cuda, which uses one GPU; auto takes it where there is one"},
    {"train|sample|interpolate|evaluate", "cpu nocuda", "type --device cpu"},
    {"train", "numworkers workers ncpu nproc nworkers",
     "--loader-threads N prepares batches; --threads N computes"},
    {"train", "amp fp16 fp32 bf16 half mixedprecision", "type --precision float32, tf32 or bf16"},

    // How long, how often.
    {"train", "kimg nkimg",
     "lengths are --steps N, each of which shows --batch images, or --time 10m; 1 kimg is 1000 "
     "images"},
    {"train", "epochs nepochs maxepochs numepochs niter epoch",
     "lengths are --steps N or --time 10m; progress lines count epochs"},
    {"train", "numtrainsteps iterations iters maxiter maxiters totalsteps numsteps maxsteps",
     "type --steps N"},
    {"train",
     "snap saveevery saveinterval savefreq saveepochfreq checkpointfreq checkpointinterval",
     "--samples-every N is for pictures, --checkpoint-every 5m for checkpoints"},
    {"train", "sampleinterval samplefreq sampleevery displayfreq logimages",
     "type --samples-every N"},
    {"train", "tick logevery loginterval logfreq printfreq", "type --tick-every N"},
    {"train", "metrics metric calculatefidevery evalevery evalfreq validationfreq",
     "--evaluate-every N measures in training, and --best-by chooses the score; wgan evaluate RUN "
     "measures afterwards"},
    {"train", "earlystopping earlystop", "type --evaluate-every N --patience N"},
    {"train", "continuetrain loadfrom resumefrom pretrained finetune initfrom new",
     "a run is new, unless --resume RUN continues one; --from RUN starts with another's weights"},

    // Data.
    {"train|data prepare|data inspect|evaluate|compare-recipes|features train",
     "imagesize imgsize imgsz resolution res loadsize cropsize", "type --size N"},
    {"sample|interpolate", "imagesize imgsize imgsz resolution res size",
     "samples have the size that the run was trained with; another one: wgan train --size N"},
    {"train|data prepare|compare-recipes", "transform crop centercrop",
     "type --fit crop, pad or stretch"},
    {"train|data prepare", "greyscale grayscale gray grey", "type --channels 1"},
    {"train", "validationsplit valsplit testsize", "type --holdout 0.1"},
    {"train", "cond labels nclasses numclasses classcond",
     "labels that the data has are used; --conditional and --no-conditional decide it"},
    {"train", "xflip flip hflip randomflip horizontalflip",
     "type --mirror, which also trains on the flipped images"},

    // Training.
    {"train|compare-recipes", "batchsize bs batchgpu trainbatchsize minibatch minibatchsize",
     "type --batch N"},
    {"train|compare-recipes", "lr learningrate",
     "each network has its own: --critic-lr or --generator-lr"},
    {"train|compare-recipes", "glr lrg generatorlearningrate", "type --generator-lr"},
    {"train|compare-recipes", "dlr lrd discriminatorlr criticlearningrate", "type --critic-lr"},
    {"features train", "lr", "type --learning-rate"},
    {"features train", "batchsize bs", "type --batch N"},
    {"features train", "epochs nepochs", "type --steps N"},
    {"train", "cfg preset configname",
     "--recipe fast or paper sets the defaults, --net dcgan, resnet, modern or mlp the networks"},
    {"train", "model arch architecture netg netd",
     "--net dcgan, resnet, modern or mlp chooses the networks"},
    {"train", "loss ganmode losstype", "type --objective wgan-gp, non-saturating or wgan"},
    {"train", "ndis dsteps criticiters criticsteps discriminatorsteps dreps", "type --n-critic N"},
    {"train", "r1gamma", "type --gamma N with --penalty zero-centred --penalty-at real"},
    {"train", "lambdagp gplambda gpweight gradientpenalty gp",
     "--lambda is the weight of the gradient penalty"},
    {"train", "clipvalue weightclip weightclipping clipparam",
     "--clip is the bound of the weights, with --objective wgan"},
    {"train", "nz zdim noisedim latentsize", "type --latent N"},
    {"train", "ngf ndf cbase cmax fmapmax fmapbase networkcapacity hiddendim basechannels",
     "--width sets both networks, --critic-width the critic"},
    {"train", "ema emadecay emakimg emabeta", "--average is the decay of the moving average"},
    {"train", "manualseed randomseed randomstate", "type --seed N"},
    {"train", "trunc truncpsi truncationpsi psi truncation",
     "samples are truncated when they are drawn: wgan sample RUN --truncation 0.7"},
    {"train", "generate", "type wgan sample RUN"},
    {"train", "generateinterpolation", "type wgan interpolate RUN"},

    // Samples.
    {"sample|interpolate", "trunc truncpsi truncationpsi psi", "type --truncation 0.7"},
    {"sample", "n num numsamples nsamples samples count numimages number",
     "there is a sample a seed: --seeds 0-99 gives 100"},
    {"sample", "numimagetiles rows cols columns nrow ncol gridsize tiles", "type --grid 8x8"},
    {"sample|interpolate", "label classidx classlabel classes y", "type --class NAME"},
    {"interpolate", "interpolationnumsteps numkeyframes wframes numframes steps nsteps n",
     "type --frames N"},
    {"interpolate", "gif mp4 video webp", "type --format gif or webp"},
    {"evaluate", "metrics metric", "--measures takes names separated by commas"},
    {"evaluate", "num numsamples nsamples numimages samples count", "type --n N"},
    {"evaluate", "batchsize", "type --feature-batch N"},
};

// The hint for a flag or a verb, as it was typed; "" where it is none of these. verb: as typed
// behind wgan, "" for words in the place of a verb.
std::string foreign_hint(std::string_view verb, std::string_view name);

}  // namespace wgan

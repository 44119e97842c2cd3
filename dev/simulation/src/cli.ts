import process from 'node:process'
import { Command, Option } from 'commander'
import { bugsCommand } from './cli/bugs-command.ts'
import { campaignCommand } from './cli/campaign-command.ts'
import { replayCommand } from './cli/replay-command.ts'

const limits = new Option('--limits <which>', 'the bounds of records and folding')
  .choices(['both', 'small', 'product'])
  .default('both')

await new Command('simulate')
  .description('Runs deterministic histories of the whole engine, one for each seed.')
  .option('--seeds <n>', 'how many', Number, 10_000)
  .option('--from <s>', 'the first one', Number, 0)
  .option('--workers <n>', 'threads', Number, 2)
  .addOption(limits)
  .option('--bug <id>', 'put one of the known bugs into the engine')
  .option('--replay <seed>', 'run one seed again, shrink it, and tell it as a story', Number)
  .option('--record', 'add what came of it to docs/simulation.md')
  .action((options) =>
    options.replay === undefined ? campaignCommand(options) : replayCommand(options.replay, options),
  )
  .addCommand(
    new Command('bugs')
      .description('Puts each known bug into the engine, and looks for a seed that finds it.')
      .option('--within <n>', 'most seeds for each', Number, 20_000)
      .option('--from <s>', 'the first one', Number, 0)
      .option('--workers <n>', 'threads', Number, 2)
      .option('--only <ids>', 'some of them, with commas between', (ids) => ids.split(','))
      .option('--record', 'write the table into docs/simulation.md')
      .action((_options, command) => bugsCommand(command.optsWithGlobals())),
  )
  .parseAsync(process.argv)

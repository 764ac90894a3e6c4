// Runs a survey of the `survey-core` package: what it shows for each set of answers, and how long its conditions take.
import { createRequire } from "node:module";

// Every named question that is shown, as "name" or "list/number/name".
function shown(survey) {
  const found = [];
  for (const question of survey.getAllQuestions()) {
    if (!question.isVisible) continue;
    found.push(question.name);
    if (question.getType() !== "paneldynamic") continue;
    question.panels.forEach((panel, number) => {
      for (const inner of panel.questions) {
        if (inner.isVisible) found.push(`${question.name}/${number}/${inner.name}`);
      }
    });
  }
  return found;
}

export default function run({ modules, survey: definition, sets, times }) {
  const { Model } = createRequire(`${modules}/`)("survey-core");
  return sets.map((answers) => {
    const survey = new Model(definition);
    survey.data = answers;
    const visible = shown(survey);
    for (let turn = 0; turn < times; turn += 1) survey.runConditions();
    const begun = performance.now();
    const start = process.cpuUsage();
    for (let turn = 0; turn < times; turn += 1) survey.runConditions();
    const used = process.cpuUsage(start);
    const cpu = (used.user + used.system) / 1e6;
    // Its other threads (garbage, compilation) count as CPU, a busy machine as time: the less of the two.
    return { visible, seconds: Math.min(cpu, (performance.now() - begun) / 1e3) / times };
  });
}

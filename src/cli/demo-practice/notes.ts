// The words of progress notes: invented, short, and about nobody.
import type { Focus } from './people.ts'

interface Course {
  readonly beginning: readonly string[]
  readonly middle: readonly string[]
  readonly lately: readonly string[]
}

const COURSES: Readonly<Record<Focus, Course>> = {
  mood: {
    beginning: [
      'Describes weeks of low mood, early waking and little pleasure. Agreed on one small activity a day and a sleep log.',
      'Sleep log shows five hours a night. Linked mood to long stretches alone. Planned two visits with friends.',
    ],
    middle: [
      'Kept four of five planned activities. Worked on the thought "nothing I do counts" and wrote down evidence against it.',
      'Energy better in the mornings. Practised saying no to extra shifts. Homework: thought record, three times.',
    ],
    lately: [
      'Smiles when telling about the weekend. Sleep seven hours. Began a plan for early signs of a relapse.',
      'Mood steady over two weeks. Reviewed what helped most; will meet less often from next month.',
    ],
  },
  worry: {
    beginning: [
      'Worries most of the day, with tight chest and stomach. Explained the worry cycle; practised slow breathing.',
      'Wrote a ladder of avoided situations, from easy to hard. Chose the first step for this week.',
    ],
    middle: [
      'Did the second step twice; fear went from 8 to 4 within twenty minutes. Moves on to the third.',
      'Set aside fifteen minutes a day for worry and left it there on most days.',
    ],
    lately: [
      'Reached the top step of the ladder. Still checks the route, but drives it.',
      'Uses breathing unprompted. Talked about keeping up practice when work gets busy.',
    ],
  },
  trauma: {
    beginning: [
      'Nightmares five nights a week. Went over what treatment asks, and made a plan for hard evenings.',
      'Practised grounding with five senses. Drinks to fall asleep; agreed to write down each drink.',
    ],
    middle: [
      'Rewrote the ending of the most frequent nightmare and rehearses it in the evening.',
      'First full night in months. Startle at loud noises less; went to the hardware store alone.',
    ],
    lately: [
      'Nightmares two nights a week. Drinks on weekends only. Visited his brother for the first time in a year.',
      'Told the story from beginning to end without leaving the room. Tired, and proud of it.',
    ],
  },
  attention: {
    beginning: [
      'Loses track in long lessons; dreads being called on. Set up one planner for all subjects.',
      'Parent session: agreed on one reminder in the evening instead of many.',
    ],
    middle: [
      'Handed in nine of ten assignments. Practised answering a question aloud, here and with a friend.',
      'Teacher reports fewer missed instructions. Appetite lower at lunch; told the psychiatrist.',
    ],
    lately: [
      'Spoke up in class three times this week. Chose the science fair project herself.',
      'Uses the planner without a reminder. Next goal: a group presentation.',
    ],
  },
  substance: {
    beginning: [
      'Came because the family asked, and says so. Talked about what using gives and what it costs.',
      'Named the three riskiest hours of the week and one person to call in each.',
    ],
    middle: [
      'One lapse after an argument; called the next morning. Went over what came before it.',
      'Two weeks without. Sleeps badly, eats better. Practised turning down an offer.',
    ],
    lately: [
      'Back at work half days. Keeps the medication in a lock box. Mends things with a sister, slowly.',
      'Ninety-day token in the group. Wrote a letter to open when it gets hard.',
    ],
  },
}

/** The text of the note of one visit of several, both counted from 0. */
export function noteText(focus: Focus, visit: number, visits: number): string {
  const { beginning, middle, lately } = COURSES[focus]
  const phase = visit < visits / 3 ? beginning : visit < (visits * 2) / 3 ? middle : lately
  return phase[visit % phase.length] ?? ''
}

/** What every member's note of a group session says alike; it names nobody. */
export const GROUP_NOTE: Readonly<Record<'coping' | 'recovery', readonly string[]>> = {
  coping: [
    'The group practised naming a feeling and its strength before acting on it.',
    'The group worked in pairs on asking for help in plain words.',
    'The group made lists of what calms and what only distracts.',
    'The group went over a hard week and what each would do again.',
  ],
  recovery: [
    'The group talked about cravings as waves, and timed one.',
    'The group planned a holiday weekend hour by hour.',
    'The group read about sleep in early recovery and set one evening rule each.',
    'The group talked about telling an employer, and when not to.',
  ],
}

/** What a member's own note adds. */
export const OWN_PART: readonly string[] = [
  'Spoke once, when asked; listened closely otherwise.',
  'Gave an example of their own and took a suggestion home.',
  'Arrived ten minutes late; settled in and took part.',
  'Led the closing round.',
]

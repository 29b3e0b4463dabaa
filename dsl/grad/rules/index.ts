import type { Node } from '../../node.ts';
import type { Contribution } from '../contribution.ts';
import { dotRule, reduceRule } from './contraction.ts';
import { gatherRule, scatterAddRule } from './indexing.ts';
import { mapRule } from './pointwise.ts';
import { concatRule, viewRule } from './views.ts';

/**
 * What a value with the adjoint `g` adds to the adjoints of its operands: of those that are wanted, where it has
 * several.
 */
export function contributionsOf(node: Node, g: Node, wanted: (x: Node) => boolean): readonly Contribution[] {
  switch (node.kind) {
    case 'map': return mapRule(node, g, wanted);
    case 'reduce': return reduceRule(node, g);
    case 'dot': return dotRule(node, g, wanted);
    case 'rename': case 'cache': case 'split': case 'merge': case 'slice': case 'pad': return viewRule(node, g);
    case 'concat': return concatRule(node, g, wanted);
    case 'gather': return gatherRule(node, g);
    case 'scatterAdd': return scatterAddRule(node, g);
    // A value in half precision is learned through as if it had not been rounded.
    case 'quantize': return node.storage === 'f16' ? [{ to: node.x, value: g }] : [];
    case 'freeze': return [{ to: node.x, value: g }];
    case 'input': case 'parameter': case 'constant': case 'table': case 'iota': case 'random': case 'stopGradient':
    case 'append':
      return [];
  }
}

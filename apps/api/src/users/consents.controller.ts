import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access } from '../access/route-access.js';
import { Conditional, Etagged, Headers, type Conditions } from '../common/etags/conditional.js';
import { ApiBodyProblems, ApiProblems } from '../common/problem/api-problems.js';
import { catalogName, externalId } from '../common/schemas.js';
import { ConsentsService } from './consents.service.js';
import {
  consentFields,
  consentReply,
  toConsentReply,
  type ConsentFields,
  type ConsentReply,
} from './dto/consent.dto.js';

@ApiTags('users')
@ApiProblems('catalog-not-found', 'validation-failed', 'database-unavailable')
@Controller('catalogs/:catalog/users/:id/consent')
export class ConsentsController {
  constructor(private readonly consents: ConsentsService) {}

  @Etagged()
  @Get()
  @Access('people')
  @ApiOperation({
    summary: 'Get what a user allows',
    description: 'Both, unless something else was put.',
  })
  @ApiOkResponse({ standardSchema: consentReply })
  @ApiProblems('user-not-found')
  async get(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'user-1' }) }) id: string,
  ): Promise<ConsentReply> {
    return toConsentReply(await this.consents.find(catalog, id));
  }

  @Etagged()
  @Conditional()
  @Put()
  @Access('write')
  @ApiBodyProblems()
  @ApiProblems('write-conflict')
  @ApiOperation({
    summary: 'Put what a user allows',
    description:
      'With `training` false the next snapshot and those after it leave the user out; models that were trained before stay as they are. With `personal` false the next list for the user is the one of somebody without a history, and says `personalised: false`. Interactions are stored as before, so both can be taken back. A user whom the catalog does not know is made, so that a no can come first (docs/privacy.md).',
  })
  @ApiOkResponse({ standardSchema: consentReply })
  async put(
    @Param('catalog', { schema: catalogName }) catalog: string,
    @Param('id', { schema: externalId.meta({ example: 'swagger-user' }) }) id: string,
    @Body({ schema: consentFields }) consent: ConsentFields,
    @Headers() { ifMatch }: Conditions,
  ): Promise<ConsentReply> {
    return toConsentReply(await this.consents.put(catalog, id, consent, ifMatch));
  }
}
